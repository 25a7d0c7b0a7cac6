"""What it takes to run the cells of an experiment: which runs, under which names, what first."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from core.checks import require
from core.experiments.launch import Task, is_done
from core.experiments.read import read_experiment
from core.experiments.spec import Cell, Done, Experiment
from core.overlays import find_overlay, overlay_files


@dataclass(frozen=True, kw_only=True)
class Plan:
    """An experiment at one size: its cells as tasks, and the run that they begin from, if any."""

    experiment: Experiment
    size: str
    first: Task | None
    cells: list[tuple[Cell, Task]]

    @property
    def tasks(self) -> list[Task]:
        """The tasks of the cells."""
        return [task for _, task in self.cells]

    @property
    def done(self) -> list[Done]:
        """The cells that have been tested."""
        tested = [(cell, task.run_dir) for cell, task in self.cells if is_done(task.run_dir)]
        return [Done(row=cell.row, repeat=cell.repeat, run=run) for cell, run in tested]


def plan(project_dir: Path, name: str, size_name: str, overrides: list[str]) -> Plan:
    """Expand an experiment into the runs that it asks for; nothing is run.

    Args:
        project_dir: The project's folder.
        name: The name of a file in its experiments/.
        size_name: One of its sizes.
        overrides: Options that go to every cell.

    Raises:
        InputError: For an unknown experiment or size.
    """
    experiment = read_experiment(project_dir, name)
    sizes = experiment.sizes
    require(size_name in sizes, "--size", f"one of {', '.join(sizes)}", size_name)
    cells, first = experiment.cells(sizes[size_name]), experiment.first_of(sizes[size_name])
    before = task_of(project_dir, first, overrides) if first else None
    if before:
        checkpoint = before.run_dir / "checkpoints" / "best.ckpt"
        cells = [cell.begun_from(checkpoint) for cell in cells]
    tasks = [(cell, task_of(project_dir, cell, overrides)) for cell in cells]
    return Plan(experiment=experiment, size=size_name, first=before, cells=tasks)


def task_of(project_dir: Path, cell: Cell, overrides: list[str]) -> Task:
    """Return what runs a cell, in a folder that is named by all that its config is made of."""
    options = [*(f"--config={name}" for name in cell.config), *options_of(cell), *overrides]
    name = f"cell-{_hash(project_dir, options)}"
    run_dir = Path("runs") / project_dir.name / name
    words = ["fit", "--run", name, *options]
    return Task(project=project_dir.name, name=_described(cell), words=words, run_dir=run_dir)


def options_of(cell: Cell) -> list[str]:
    """The cell's values as options, classes before the arguments that belong to them.

    In one order whatever table they come from, so that two tables share the cells they both have.
    """
    keys = sorted(cell.values, key=lambda key: (key.count("."), key))
    shown = {key: "null" if cell.values[key] is None else cell.values[key] for key in keys}
    return [f"--{key}={value}" for key, value in shown.items()]


def _hash(project_dir: Path, options: list[str]) -> str:
    """A name that changes with anything that the cell's config is made of."""
    names = [o.removeprefix("--config=") for o in options if o.startswith("--config=")]
    files = [project_dir.parents[1] / "core" / "base.yaml", project_dir / "config.yaml"]
    for name in names:
        files += overlay_files(find_overlay(project_dir, name), project_dir / "configs")
    content: list[Any] = [options, *(_parsed(file.read_text()) for file in files)]
    text = json.dumps(content, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


@cache
def _parsed(text: str) -> Any:
    """Return what a YAML file says; its text would bear comments, too."""
    return yaml.safe_load(text)


def _described(cell: Cell) -> str:
    chosen = {**cell.row, **cell.repeat}
    said = ", ".join(f"{key.split('.', 1)[-1]}={value}" for key, value in chosen.items())
    return said or "what the others begin from"
