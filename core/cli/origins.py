"""Where each value of a config comes from: the house's one merge, over values that know their line.

Paths name a value by its keys and places in lists, `init_args` and `class_path` among them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

from core.cli.stack import BASE, read_stack, take_class_switches
from core.dotted import Config

Place = tuple[str | int, ...]


class Marked:
    """A single value and what set it; equal to the value, so that `merge` takes it for that."""

    def __init__(self, value: Any, origin: str) -> None:
        self.value, self.origin = value, origin

    def __eq__(self, other: object) -> bool:
        return bool(self.value == (other.value if isinstance(other, Marked) else other))

    def __hash__(self) -> int:
        return hash(self.value)

    def __bool__(self) -> bool:
        return bool(self.value)


class MarkedList(list[Any]):
    """A list and what set it."""

    def __init__(self, items: Iterator[Any], origin: str) -> None:
        super().__init__(items)
        self.origin = origin


class MarkedDict(dict[str, Any]):
    """A mapping and what set it, which tells only as long as nothing was laid over it."""

    def __init__(self, items: Iterator[tuple[str, Any]], origin: str) -> None:
        super().__init__(items)
        self.origin = origin


class _Marking(yaml.SafeLoader):
    """Reads YAML into marked values.

    Args:
        text: The YAML.
        say: Names the origin of what stands on a line, counted from 0.
    """

    def __init__(self, text: str, say: Callable[[int], str]) -> None:
        super().__init__(text)
        self.say = say

    def read(self) -> Any:
        return self._marked(self.get_single_node())

    def _marked(self, node: Any) -> Any:
        origin = self.say(node.start_mark.line)
        if isinstance(node, yaml.SequenceNode):
            return MarkedList(map(self._marked, node.value), origin)
        if not isinstance(node, yaml.MappingNode):
            return Marked(self.construct_object(node), origin)
        self.flatten_mapping(node)
        items = ((self.construct_object(key), self._marked(value)) for key, value in node.value)
        return MarkedDict(items, origin)


def marked_stack(project_dir: Path, overlays: list[str], overrides: list[str]) -> Config:
    """Return what `read_stack` and the class switches give, with marked values.

    Files are named as they lie below the folder that holds core or the projects.
    """
    roots = (BASE.parents[1], project_dir.resolve().parents[1])

    def read(path: Path) -> Config:
        where = path.resolve()
        below = next((where.relative_to(r) for r in roots if where.is_relative_to(r)), path)
        content: Config = _Marking(path.read_text(), lambda line: f"{below}:{line + 1}").read()
        return content

    return take_class_switches(read_stack(project_dir, overlays, read), overrides)[0]


def lay_flags(tree: Config, final: Config, overrides: list[str]) -> None:
    """Note in a marked config what each command-line option has set.

    Args:
        tree: The marked config; changed in place.
        final: The config that came of it, which says where `init_args` belong.
        overrides: `--key=value` or `--key`, `value`; `--key+=value` adds to a list, and options of
            a list's items go to its last one.
    """
    for flag, text in _flags(overrides):
        value = _Marking(text, lambda line, flag=flag: flag).read()  # type: ignore[misc]
        place = _place(tree, final, flag.removeprefix("--").removesuffix("+").split("."))
        if flag.endswith("+"):
            former = at(tree, place)
            added = value if isinstance(value, list) else [value]
            _put(tree, place, [*(former if isinstance(former, list) else []), *added])
        else:
            _lay(tree, final, place, value)


def origin(tree: Any, place: Place) -> str | None:
    """Return what set the value at a place of a marked config; None for what nothing states."""
    for name in place:
        if isinstance(tree, Marked) and (isinstance(name, int) or name == "class_path"):
            continue  # a class, or a list of one, in its short form
        tree = _child(tree, name)
    if isinstance(tree, list) and not isinstance(tree, MarkedList):  # of several files
        return ", ".join(dict.fromkeys(item.origin for item in tree)) or None
    return getattr(tree, "origin", None)


def at(tree: Any, place: Place) -> Any:
    """Return the value at a place; None if there is none."""
    for name in place:
        tree = _child(tree, name)
    return tree


def _child(tree: Any, name: str | int) -> Any:
    if isinstance(tree, list) and isinstance(name, int) and name < len(tree):
        return tree[name]
    return tree.get(name) if isinstance(tree, dict) else None


def _flags(overrides: list[str]) -> Iterator[tuple[str, str]]:
    """Yield each option's `--key` and the text of its value."""
    words = iter(overrides)
    for word in words:
        flag, equals, text = word.partition("=")
        yield flag, text if equals else next(words, "")


def _place(tree: Any, final: Any, names: list[str]) -> Place:
    """Return where an option's dotted key points."""
    place: list[str | int] = []

    def step(name: str | int) -> None:
        nonlocal tree, final
        place.append(name)
        tree, final = _child(tree, name), _child(final, name)

    for name in names:
        if isinstance(final, list):
            step(max(len(tree if isinstance(tree, list) else final) - 1, 0))
        if isinstance(final, dict) and name not in final and "init_args" in final:
            step("init_args")
        step(name)
    return tuple(place)


def _lay(tree: Config, final: Config, place: Place, value: Any) -> None:
    """Put an option's value where it belongs: a class by name, a mapping key by key."""
    came = at(final, place)
    if isinstance(value, MarkedDict) and value:
        for name, part in value.items():
            inner = "init_args" in came and name not in came if isinstance(came, dict) else False
            _lay(tree, final, (*place, "init_args", name) if inner else (*place, name), part)
    elif isinstance(value, Marked) and isinstance(came, dict) and "class_path" in came:
        _put(tree, (*place, "class_path"), value)
    else:
        _put(tree, place, value)


def _put(tree: Any, place: Place, value: Any) -> None:
    *before, last = place
    for name in before:
        child = _child(tree, name)
        if not isinstance(child, dict | list):
            child = {"class_path": child} if child else {}
            tree[name] = child
        tree = child
    tree[last] = value
