"""The stack of configs: core/base.yaml, the project's config.yaml, overlays; the later one wins.

Merged here and not by the configuration library, which keeps a former class's arguments when an
overlay picks another class, and so leaks one optimiser's numbers into the next.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from core.checks import require
from core.dotted import Config, find, flatten
from core.overlays import OVER, find_overlay, overlay_files, read_yaml

BASE = Path(__file__).parents[1] / "base.yaml"

Reader = Callable[[Path], Config]


def read_stack(project_dir: Path, overlays: list[str], read: Reader = read_yaml) -> Config:
    """Merge base, project and overlays; an overlay is a path or the name of a file in configs/.

    Args:
        project_dir: The project's folder.
        overlays: In order, the last one wins.
        read: Reads one file.

    Raises:
        InputError: For a file that is not there or is no YAML mapping.
    """
    config = merge(read(BASE), read(project_dir / "config.yaml"))
    return merge_overlays(config, project_dir, overlays, read)


def merge_overlays(
    config: Config, project_dir: Path, overlays: list[str], read: Reader = read_yaml
) -> Config:
    """Lay overlays over a config, in order, each behind those that it lies over itself."""
    for overlay in overlays:
        for file in overlay_files(find_overlay(project_dir, overlay), project_dir / "configs"):
            content = read(file)
            content.pop(OVER, None)
            config = merge(config, content)
    return config


def merge(lower: Config, upper: Config) -> Config:
    """Lay one config over another.

    Mappings merge; another `class_path` drops the former class's arguments but those that `keep`
    lists beside it; a list replaces a list, unless its key ends in "+", which appends.
    """
    merged = _kept(lower, upper) if _is_another_class(lower, upper) else dict(lower)
    for key, value in upper.items():
        if key == "keep" and "class_path" in upper:
            continue
        if key.endswith("+"):
            merged[key[:-1]] = [
                *(merged.get(key[:-1]) or []),
                *(value if isinstance(value, list) else [value]),
            ]
        elif isinstance(value, dict) and isinstance(merged.get(key), dict):
            merged[key] = merge(merged[key], value)
        else:
            merged[key] = value
    return merged


def _is_another_class(lower: Config, upper: Config) -> bool:
    return "class_path" in upper and upper["class_path"] != lower.get("class_path")


def _kept(lower: Config, upper: Config) -> Config:
    """What another class takes over of the former one's arguments."""
    former, wanted = lower.get("init_args", {}), upper.get("keep", [])
    missing = [name for name in wanted if name not in former]
    require(not missing, "keep", f"arguments of {lower.get('class_path')}", ", ".join(missing))
    return {"init_args": {name: former[name] for name in wanted}} if wanted else {}


def take_class_switches(config: Config, overrides: list[str]) -> tuple[Config, list[str]]:
    """Apply overrides that pick another class, with a clean slate; return the others too."""
    others = []
    for override in overrides:
        key, _, value = override.removeprefix("--").partition("=")
        node = find(config, key)
        if (
            isinstance(node, dict)
            and "class_path" in node
            and _names_a_class(value)
            and value != node["class_path"]
        ):
            node.clear()
            node["class_path"] = value
        else:
            others.append(override)
    return config, others


def _names_a_class(value: str) -> bool:
    """Whether a value is a dotted path, and neither a bare name nor a mapping in JSON."""
    return "." in value and all(map(str.isidentifier, value.split(".")))


def differences(before: Config, after: Config) -> list[str]:
    """Return "key: before -> after" for each value that differs."""
    old, new = dict(flatten(before)), dict(flatten(after))
    return [
        f"{key}: {old.get(key)} -> {new.get(key)}"
        for key in {**old, **new}
        if old.get(key) != new.get(key)
    ]
