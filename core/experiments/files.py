"""The files of a project's experiments/: which there are, and what each says over another."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from core.checks import nearest, require
from core.experiments.only import narrowed
from core.overlays import OVER, overlay_files, read_yaml

OWN = "claims"
"""What an experiment does not take over from the one that it lies over."""


def experiment_names(project_dir: Path) -> list[str]:
    """Return the names of a project's experiments, in order."""
    return sorted(
        (path.stem for path in (project_dir / "experiments").glob("*.yaml")), key=in_order
    )


def in_order(name: str) -> str:
    """Return what to sort names by as readers count: fig4_2 before fig4_12."""
    return re.sub(r"\d+", lambda number: number[0].zfill(4), name)


def experiment_file(project_dir: Path, name: str) -> Path:
    """Return the file of an experiment.

    Raises:
        InputError: If there is none of this name.
    """
    names = experiment_names(project_dir)
    require(name in names, "--table", f"one of {', '.join(names)}{nearest(name, names)}", name)
    return project_dir / "experiments" / f"{name}.yaml"


def experiment_content(project_dir: Path, name: str) -> dict[str, Any]:
    """Return what an experiment says: its own keys, else those of the one that it lies over.

    Raises:
        InputError: If there is none of this name, or its file or the other's is broken.
    """
    path = experiment_file(project_dir, name)
    *lower, own = (read_yaml(file) for file in overlay_files(path, path.parent))
    below = {key: value for content in lower for key, value in content.items() if key != OWN}
    content = {key: value for key, value in {**below, **own}.items() if key != OVER}
    return narrowed(content)


def is_of_counts(project_dir: Path, name: str) -> bool:
    """Whether an experiment counts the data instead of training on it."""
    return "counts" in experiment_content(project_dir, name)
