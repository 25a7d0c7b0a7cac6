"""Runs an experiment's cells in order; what is done is skipped, what was cut off goes on."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from core.checks import RunError, require
from core.experiments.collect import write_table
from core.experiments.counts import counts_files, reproduce_counts
from core.experiments.read import read_experiment
from core.experiments.spec import Cell
from core.overlays import overlay_files


def reproduce(project_dir: Path, table: str, size_name: str, overrides: list[str]) -> Path:
    """Run every cell of a table and set the results beside the paper's numbers.

    Args:
        project_dir: The project's folder.
        table: The name of a file in its experiments/.
        size_name: "small" ends on a laptop in minutes, "paper" is the paper's own scale.
        overrides: Options that go to every cell.

    Returns:
        The folder of the table.

    Raises:
        InputError: For an unknown table or size.
        RunError: If cells failed; the others have run. If the run that they begin from did.
    """
    if table in counts_files(project_dir):
        return reproduce_counts(project_dir, table, size_name, overrides)
    experiment = read_experiment(project_dir, table)
    require(
        size_name in experiment.sizes, "--size", f"one of {', '.join(experiment.sizes)}", size_name
    )
    size = experiment.sizes[size_name]
    cells = experiment.cells(size)
    if first := experiment.first_of(size):
        checkpoint = _run_first(project_dir, first, overrides)
        cells = [cell.begun_from(checkpoint) for cell in cells]
    runs, failed = {}, []
    for number, cell in enumerate(cells, 1):
        print(f"[{number}/{len(cells)}] {_described(cell)}", flush=True)
        run_dir = run_cell(project_dir, cell, overrides)
        runs[run_dir] = cell
        if not is_done(run_dir):
            failed.append(run_dir.name)
    folder = write_table(experiment, runs, Path("runs") / project_dir.name / f"{table}-{size_name}")
    print((folder / "table.md").read_text())
    if failed:
        raise RunError(
            f"{len(failed)} of {len(cells)} runs failed, see their log.txt: {', '.join(failed)}"
        )
    return folder


def _run_first(project_dir: Path, first: Cell, overrides: list[str]) -> Path:
    """Run what the cells begin from unless it is done, and return its best checkpoint."""
    print("[first] what the others begin from", flush=True)
    run_dir = run_cell(project_dir, first, overrides)
    if not is_done(run_dir):
        raise RunError(f"the first run failed, see its log.txt: {run_dir.name}")
    return run_dir / "checkpoints" / "best.ckpt"


def run_cell(project_dir: Path, cell: Cell, overrides: list[str]) -> Path:
    """Run one cell unless it is done; a cell that was cut off goes on from its last checkpoint."""
    options = [*(f"--config={name}" for name in cell.config), *_options(cell), *overrides]
    name = f"cell-{_cell_hash(project_dir, options)}"
    run_dir = Path("runs") / project_dir.name / name
    if is_done(run_dir):
        return run_dir
    go_on = any(run_dir.glob("checkpoints/resume-*.ckpt"))
    words = ["--resume", str(run_dir)] if go_on else ["--run", name, *options]
    if not go_on and run_dir.exists():
        run_dir.rename(run_dir.with_name(f"{run_dir.name}-cut-off-{os.getpid()}"))
    _call(project_dir, words, run_dir)
    return run_dir


def is_done(run_dir: Path) -> bool:
    """Whether a run has been tested: only a test writes metrics into the training's summary."""
    path = run_dir / "summary.json"
    metrics = json.loads(path.read_text()).get("metrics") if path.is_file() else None
    return any(
        name.startswith("test/") and value is not None for name, value in (metrics or {}).items()
    )


def _call(project_dir: Path, words: list[str], run_dir: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if key != "SONOLAB_RUN"}
    command = [sys.executable, "-m", f"projects.{project_dir.name}", "fit", *words]
    done = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    run_dir.mkdir(parents=True, exist_ok=True)
    (run_dir / "log.txt").write_text(done.stdout)
    if done.returncode:
        print(done.stdout.strip().splitlines()[-1] if done.stdout.strip() else "no output")


def _options(cell: Cell) -> list[str]:
    """The cell's values as options, classes before the arguments that belong to them.

    In one order whatever table they come from, so that two tables share the cells they both have.
    """
    keys = sorted(cell.values, key=lambda key: (key.count("."), key))
    shown = {key: "null" if cell.values[key] is None else cell.values[key] for key in keys}
    return [f"--{key}={value}" for key, value in shown.items()]


def _cell_hash(project_dir: Path, options: list[str]) -> str:
    """A name that changes with anything that the cell's config is made of."""
    configs = project_dir / "configs"
    names = [o.removeprefix("--config=") for o in options if o.startswith("--config=")]
    files = [project_dir.parents[1] / "core" / "base.yaml", project_dir / "config.yaml"]
    for name in names:
        files += overlay_files(configs / f"{name}.yaml", configs)
    content: list[Any] = [options, *(file.read_text() for file in files)]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:12]


def _described(cell: Cell) -> str:
    return ", ".join(f"{key.split('.', 1)[-1]}={value}" for key, value in cell.row.items())
