"""The stack of configs: core/base.yaml, the project's config.yaml, overlays; the later one wins.

Merged here and not by the configuration library, which keeps a former class's arguments when an
overlay picks another class, and so leaks one optimiser's numbers into the next.
"""

from __future__ import annotations

from pathlib import Path

import yaml

from core.checks import InputError, nearest, require
from core.dotted import Config, find, flatten

BASE = Path(__file__).parents[1] / "base.yaml"


def read_stack(project_dir: Path, overlays: list[str]) -> Config:
    """Merge base, project and overlays; an overlay is a path or the name of a file in configs/.

    Raises:
        InputError: For a file that is not there or is no YAML mapping.
    """
    config = merge(read_yaml(BASE), read_yaml(project_dir / "config.yaml"))
    return merge_overlays(config, project_dir, overlays)


def merge_overlays(config: Config, project_dir: Path, overlays: list[str]) -> Config:
    """Lay overlays over a config, in order."""
    for overlay in overlays:
        config = merge(config, read_yaml(find_overlay(project_dir, overlay)))
    return config


def find_overlay(project_dir: Path, name: str) -> Path:
    """Return the file of an overlay given by path or by name."""
    if Path(name).is_file():
        return Path(name)
    names = sorted(path.stem for path in (project_dir / "configs").glob("*.yaml"))
    expected = f"a file, or one of {', '.join(names)}{nearest(name, names)}"
    require(name.removesuffix(".yaml") in names, "--config", expected, name)
    return project_dir / "configs" / f"{name.removesuffix('.yaml')}.yaml"


def read_yaml(path: Path) -> Config:
    """Read a YAML mapping."""
    try:
        content = yaml.safe_load(path.read_text())
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(
            f"{path}: expected a readable YAML file, got {' '.join(str(error).split())}"
        ) from error
    require(isinstance(content, dict), path, "a YAML mapping", content)
    return dict(content)


def merge(lower: Config, upper: Config) -> Config:
    """Lay one config over another.

    Mappings merge; another `class_path` drops the former class's arguments; a list replaces a list,
    unless its key ends in "+", which appends.
    """
    if "class_path" in upper and upper["class_path"] != lower.get("class_path"):
        return dict(upper)
    merged = dict(lower)
    for key, value in upper.items():
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


def take_class_switches(config: Config, overrides: list[str]) -> tuple[Config, list[str]]:
    """Apply overrides that pick another class, with a clean slate; return the others too."""
    others = []
    for override in overrides:
        key, _, value = override.removeprefix("--").partition("=")
        node = find(config, key)
        if (
            isinstance(node, dict)
            and "class_path" in node
            and "." in value
            and value != node["class_path"]
        ):
            node.clear()
            node["class_path"] = value
        else:
            others.append(override)
    return config, others


def differences(before: Config, after: Config) -> list[str]:
    """Return "key: before -> after" for each value that differs."""
    old, new = dict(flatten(before)), dict(flatten(after))
    return [
        f"{key}: {old.get(key)} -> {new.get(key)}"
        for key in {**old, **new}
        if old.get(key) != new.get(key)
    ]
