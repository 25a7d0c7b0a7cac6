"""Overlays: YAML files of a project's configs/ that lie over its config, and over each other.

An overlay may name another one that it lies over, `over: unet`, and then says only what differs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from core.checks import InputError, nearest, require

OVER = "over"


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML mapping.

    Raises:
        InputError: If the file cannot be read or is no YAML mapping.
    """
    try:
        content = yaml.safe_load(path.read_text())
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(
            f"{path}: expected a readable YAML file, got {' '.join(str(error).split())}"
        ) from error
    require(isinstance(content, dict), path, "a YAML mapping", content)
    return dict(content)


def find_overlay(project_dir: Path, name: str) -> Path:
    """Return the file of an overlay given by path or by name."""
    if Path(name).is_file():
        return Path(name)
    names = sorted(path.stem for path in (project_dir / "configs").glob("*.yaml"))
    expected = f"a file, or one of {', '.join(names)}{nearest(name, names)}"
    require(name.removesuffix(".yaml") in names, "--config", expected, name)
    return project_dir / "configs" / f"{name.removesuffix('.yaml')}.yaml"


def overlay_files(path: Path, configs: Path) -> list[Path]:
    """Return an overlay's file behind those that it lies over, the lowest first.

    Args:
        path: The overlay's file.
        configs: Folder of the overlays that others may lie over.

    Raises:
        InputError: If one is missing or broken, or lies over itself.
    """
    files = [path]
    while below := read_yaml(files[0]).get(OVER):
        lower = configs / f"{below}.yaml"
        require(lower.is_file(), f"{files[0].name}: {OVER}", f"an overlay of {configs}", below)
        require(lower not in files, f"{files[0].name}: {OVER}", "no circle", below)
        files.insert(0, lower)
    return files
