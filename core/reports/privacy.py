"""Strings that may name a patient: paths in configurations and on command lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PureWindowsPath
from typing import Any, Final

# "val/dice" names a metric; everything else with a slash is taken for a path.
_METRIC: Final = re.compile(r"(train|val|test)/[\w@.]+")

PERSONAL: Final = ("id", "subject", "sequence")
"""Columns of a table whose values may name a patient."""
CHOSEN: Final = "<chosen>"


def is_path(value: str) -> bool:
    """Return whether a string looks like a path, or is the name of something in this folder."""
    if _METRIC.fullmatch(value):
        return False
    return bool(re.search(r"[/\\]|^~", value)) or _exists(value)


def base_name(value: str) -> str:
    """Return the last part of a path, whichever system's; anything else unchanged."""
    return PureWindowsPath(value).name if is_path(value) else value


def redacted(value: str) -> str:
    """Return "<path>" for a path, whose last part may name a patient too; else the string."""
    return "<path>" if is_path(value) else value


def map_strings(value: Any, change: Callable[[str], str]) -> Any:
    """Return a configuration with every string value changed, keys and the rest as they are."""
    if isinstance(value, Path):
        value = str(value)
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {key: map_strings(item, change) for key, item in value.items()}
    if isinstance(value, Sequence):
        return [map_strings(item, change) for item in value]
    return value


def anonymous(value: Any) -> Any:
    """Return a configuration in which values of `PERSONAL` columns are "<chosen>".

    They stand under the column's name, or in the lists of a part whose `column` is one of them.
    """
    if isinstance(value, list | tuple):
        return [anonymous(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    by_person = value.get("column") in PERSONAL
    return {
        key: CHOSEN
        if item and (key in PERSONAL or (by_person and isinstance(item, list | tuple)))
        else anonymous(item)
        for key, item in value.items()
    }


def shown_command(arguments: Sequence[str]) -> str:
    """Return a command line with every path, also in `--key=path`, cut to its base name."""
    return " ".join(_shown_argument(argument) for argument in arguments)


def _shown_argument(argument: str) -> str:
    key, equals, value = argument.partition("=")
    return f"{base_name(key)}{equals}{base_name(value)}"


def _exists(value: str) -> bool:
    """Return whether a file or folder has this name; false for what no name can be."""
    try:
        return bool(value) and Path(value).exists()
    except (OSError, ValueError):
        return False
