"""From the parser's paragraphs to one line: the key, what is wrong, the nearest right one."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterable

from core.checks import nearest

_NO_OPTION = re.compile(
    r"[Oo]ption '([\w.+-]+)' is not accepted|accept option '([\w.+-]+)'|"
    r"unrecognized arguments: --([\w.+-]+)"
)
_NOISE = re.compile(
    r" - Expected a <class 'NoneType'>| Given value.*$| - Not a valid subclass of.*$|"
    r", denied by the .*$|"
    r"Does not validate against any of the Union subtypes Subtypes: .*? Errors: - |"
    r"(?:^| )- Expected a path but \S+ either not accessible or invalid -|^- "
)


def explain(message: str, known: Iterable[str]) -> str:
    """Return one line for a parser's error message.

    Args:
        message: What the parser said, over any number of lines.
        known: Dotted keys that are right.
    """
    text = " ".join(message.split())
    keys = re.findall(r"Parser key \"([\w.+-]+)\":|Group '([\w.]+)'", text)
    path = [first or second for first, second in keys]
    wrong = _NO_OPTION.search(text)
    if wrong:
        key = ".".join([*path, next(filter(None, wrong.groups()))])
        right = {*known, *_arguments(path, text)} - {key}
        return f"--{key}: no such option{nearest(key, right)}"
    reason = _NOISE.sub("", re.split(r"Parser key \"[\w.+-]+\": ", text)[-1]).strip() + _came(text)
    return f"--{'.'.join(path)}: {reason}" if path else reason


def _came(text: str) -> str:
    """Name a plain value that the reason itself does not name."""
    value = re.search(r"Given value: ([^\[{N].{0,80})$", text)
    return f", got {value.group(1)}" if value else ""


def _arguments(path: list[str], text: str) -> list[str]:
    """Dotted keys of the arguments of the innermost class that a message names; imports nothing."""
    classes = re.findall(r"class_path[ =]'([\w.]+)'", text)
    module, _, name = classes[-1].rpartition(".") if classes else ("", "", "")
    named = getattr(sys.modules.get(module), name, None)
    if named is None:
        return []
    parameters = inspect.signature(named).parameters
    return [".".join([*path, parameter]) for parameter in parameters]
