"""Nested configs under dotted keys, as the command line and experiments name their values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Config = dict[str, Any]


def find(config: Config, key: str) -> Any:
    """Return the value under a dotted key without `init_args`; None if there is none."""
    node: Any = config
    for name in key.split("."):
        if isinstance(node, dict) and name not in node:
            node = node.get("init_args")
        node = node.get(name) if isinstance(node, dict) else None
    return node


def flatten(config: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield dotted keys without `init_args`, and values; a class stands under its own key."""
    if not isinstance(config, dict) or not config:
        yield prefix.removesuffix("."), config
        return
    for key, value in config.items():
        yield from flatten(
            value, prefix if key in ("init_args", "class_path") else f"{prefix}{key}."
        )
