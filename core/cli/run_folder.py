"""Where a run writes, chosen before anything else so that no two runs ever meet."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from core.checks import InputError, nearest, require
from core.cli.launched import launch
from core.cli.words import Request

RUN_VARIABLE = "SONOLAB_RUN"
"""Names the run folder to the processes that a distributed run starts."""


def runs_dir(project_dir: Path) -> Path:
    """Return the folder of a project's runs, below the working directory."""
    return Path("runs") / project_dir.name


def choose_run_dir(project_dir: Path, request: Request) -> Path:
    """Make the folder of a new run, or find that of the run to resume.

    Raises:
        InputError: If the run's name is taken, or there is no such run to resume.
    """
    if RUN_VARIABLE in os.environ:
        return Path(os.environ[RUN_VARIABLE])
    run_dir = (
        find_run(project_dir, request.resume)
        if request.resume
        else _new_run_dir(project_dir, request)
    )
    os.environ[RUN_VARIABLE] = str(run_dir)
    return run_dir


def leave_run_dir() -> None:
    """Forget the run, so that this process's next one gets its own; a folder left empty goes."""
    run_dir = os.environ.pop(RUN_VARIABLE, None)
    if run_dir is not None:
        with suppress(OSError):  # it holds something, as it should
            Path(run_dir).rmdir()


def find_run(project_dir: Path, name: str) -> Path:
    """Return a run's folder by path, by name, or the newest one that can be resumed ("latest")."""
    runs = runs_dir(project_dir)
    if name == "latest":
        resumable = list(runs.glob("*/checkpoints/resume-*.ckpt"))
        require(resumable, f"--resume in {runs}", "a run with checkpoints to resume from", "none")
        return max(resumable, key=lambda path: path.stat().st_mtime).parents[1]
    for candidate in (Path(name), runs / name):
        if candidate.is_dir():
            return candidate
    names = [path.name for path in runs.glob("*")]
    raise InputError(f"run '{name}': no such folder here or in {runs}{nearest(name, names)}")


def going_on(project_dir: Path, request: Request) -> Request:
    """Return what a process has to do that its launcher has begun anew: resume what it began.

    The run's own config counts, to which these words have led already. A training that has left no
    checkpoint begins from its start, in the same folder.
    """
    started = launch()
    if request.stage != "fit" or request.resume or not (started and started.restarts):
        return request
    run_dir = runs_dir(project_dir) / (request.run or str(started.name))
    begun = any(run_dir.glob("checkpoints/resume-*.ckpt"))
    return Request(stage="fit", resume=str(run_dir)) if begun else request


def _new_run_dir(project_dir: Path, request: Request) -> Path:
    started = launch()
    name = request.run or (started.name if started else _own_name(request))
    require(name, "--run", "a name for the run, since torchrun starts many processes")
    run_dir = runs_dir(project_dir) / str(name)
    if started and (started.rank or started.restarts):  # the first process has made it, or makes it
        return run_dir
    return _make(run_dir, exact=bool(request.run or started))


def _own_name(request: Request) -> str:
    if "SLURM_JOB_ID" in os.environ:
        return f"slurm-{os.environ['SLURM_JOB_ID']}"
    overlays = (Path(name).stem for name in request.config)
    return "-".join([f"{datetime.now():%Y%m%d-%H%M%S}", *overlays, request.stage])


def _make(run_dir: Path, *, exact: bool) -> Path:
    """Make the folder; a name that was asked for must be free, one of our own gets a number."""
    for number in range(1, 1000):
        candidate = run_dir if number == 1 else run_dir.with_name(f"{run_dir.name}-{number}")
        try:
            candidate.mkdir(parents=True)
        except FileExistsError:
            require(
                not exact, "--run", f"a new name, or --resume {run_dir.name} to go on", run_dir.name
            )
        else:
            return candidate
    raise InputError(f"{run_dir}: no free name")
