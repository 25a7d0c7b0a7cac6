"""`explain`: every value of the config that a training would have, and what has set it."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf
from pathlib import Path
from textwrap import wrap
from typing import Any, NamedTuple

import yaml

from core.checks import nearest, require
from core.cli.lightning_cli import LINKED, HouseCLI
from core.cli.origins import Place, at, lay_flags, marked_stack, origin
from core.cli.quiet import hush
from core.cli.run_folder import runs_dir
from core.cli.stack import read_stack, take_class_switches
from core.cli.words import Request
from core.dotted import Config

_WIDTH = 100
_KEY_WIDTH, _VALUE_WIDTH = 36, 20  # the widest key column, the narrowest value column


class Value(NamedTuple):
    """A value of the final config: its place, itself, what set it."""

    place: Place
    value: Any
    origin: str

    @property
    def key(self) -> str:
        """Its key on the command line; an item of a list is known by its number."""
        return ".".join(str(n) for n in self.place if n not in ("init_args", "class_path"))


class _Parsed(HouseCLI):
    """Knows the config, and builds nothing from it."""

    def instantiate_classes(self) -> None:
        """Leave it at the config."""


def explain(project_dir: Path, request: Request) -> None:
    """Print the config that `fit` would have with these words, and where each value comes from.

    Raises:
        InputError: For anything wrong in the options, or an unknown key to show.
    """
    hush()
    values = explained(project_dir, request)
    shown = request.only or list(dict.fromkeys(str(value.place[0]) for value in values))
    known = dict.fromkeys(part for value in values for part in _and_above(value.key))
    for key in shown:
        require(key in known, "--only", f"a key of the config{nearest(key, known)}", key)
    print("\n\n".join(_section(key, values) for key in shown))


def explained(project_dir: Path, request: Request) -> list[Value]:
    """Return every value of the final config in its order; a list of plain values is one."""
    run_dir = runs_dir(project_dir) / (request.run or "RUN")
    config, others = take_class_switches(read_stack(project_dir, request.config), request.overrides)
    cli = _Parsed(config, others, run_dir)
    final = cli.full_config()
    tree = marked_stack(project_dir, request.config, request.overrides)
    lay_flags(tree, final, request.overrides)
    said = dict.fromkeys(cli.told, "set for each run")
    said |= {place: f"linked from {source}" for source, place in LINKED.items()}
    return [
        Value(place, value, said.get(place) or origin(tree, place) or _default(final, place))
        for place, value in _leaves(final)
    ]


def _leaves(node: Any, place: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Yield the place and value of everything that is no mapping and no list of mappings."""
    if isinstance(node, dict) and node:
        for name, child in node.items():
            yield from _leaves(child, (*place, name))
    elif isinstance(node, list) and any(isinstance(item, dict) for item in node):
        for number, item in enumerate(node):
            yield from _leaves(item, (*place, number))
    elif place[-1] != "init_args":  # of a class without arguments
        yield place, node


def _default(final: Config, place: Place) -> str:
    """Name the class in whose signature a value stands that nobody has stated."""
    end = len(place) - 1 if place[-1] == "class_path" else len(place)
    for length in range(end - 1, 0, -1):
        node = at(final, place[:length])
        if isinstance(node, dict) and "class_path" in node:
            return f"default of {node['class_path']}"
    return f"default of {'lightning.Trainer' if place[0] == 'trainer' else 'LightningCLI'}"


def _and_above(key: str) -> list[str]:
    names = key.split(".")
    return [".".join(names[:length]) for length in range(len(names), 0, -1)]


def _section(head: str, values: list[Value]) -> str:
    """Return the lines of a key and all below it: indented keys, values, origins."""
    own = [value for value in values if head in _and_above(value.key)]
    lines = list(_lines(head, own))
    origin_width = max(len(line[2]) for line in lines)
    key_width = min(max(len(line[0]) for line in lines), _KEY_WIDTH)
    value_width = max(_WIDTH - origin_width - key_width - 4, _VALUE_WIDTH)
    widest = max(len(line[1]) for line in lines)
    return "\n".join(_aligned(line, key_width, min(value_width, widest)) for line in lines)


def _lines(head: str, values: list[Value]) -> Iterator[tuple[str, str, str]]:
    """Yield indented key, value and origin, with a line for each key that holds others."""
    depth, told = head.count("."), [""]
    for value in values:
        for key in reversed(_and_above(value.key)):
            if key in told or not f"{key}.".startswith(f"{head}."):
                continue
            told.append(key)
            indent = "  " * (key.count(".") - depth)
            name = head if key == head else key.rpartition(".")[2]
            here = key == value.key
            yield (
                f"{indent}{name}",
                _shown(value.value) if here else "",
                value.origin if here else "",
            )


def _shown(value: Any) -> str:
    """Return a value as YAML, in one line."""
    return yaml.safe_dump(value, default_flow_style=True, width=inf).removesuffix("\n...\n").strip()


def _aligned(line: tuple[str, str, str], key_width: int, value_width: int) -> str:
    """Return a line in columns; a value too long for its own moves left, or goes on below."""
    key, value, source = line
    if value_width < len(value) <= key_width + value_width - len(key):
        return f"{key}  {value:>{key_width + value_width - len(key)}}  {source}".rstrip()
    first, *rest = wrap(value, value_width, break_on_hyphens=False) or [""]
    text = f"{key:{key_width}}  {first:{value_width}}  {source}".rstrip()
    return "\n".join([text, *(f"{'':{key_width}}  {part}" for part in rest)])
