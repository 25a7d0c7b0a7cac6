"""`python -m core.dashboards.sync [RUN ...]`: runs that were logged offline go up to W&B."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from core.checks import RunError, nearest, require
from core.commands import Parser, run_command

RUNS = Path("runs")
_AT_ONCE = 50


def main(args: Sequence[str] | None = None) -> int:
    """Send what was not sent yet.

    Args:
        args: Command-line arguments; None takes those of the process.

    Returns:
        0 when done, or nothing was to do; 2 for an unknown run; 1 when W&B refuses.
    """
    return run_command(lambda: _run(args))


def _run(args: Sequence[str] | None) -> int:
    parser = Parser(prog="python -m core.dashboards.sync", description=__doc__)
    parser.add_argument("runs", nargs="*", help="run folders, or their names; all without any")
    parser.add_argument("--project", default="*", help="the project whose runs are meant")
    parser.add_argument("--dry", action="store_true", help="only say which would go")
    asked = parser.parse_args(args)
    records = [record for run in _folders(asked.project, asked.runs) for record in unsent(run)]
    sys.stdout.write("".join(f"{record.parent}\n" for record in records))
    if not records or asked.dry:
        sys.stdout.write(f"{len(records)} offline runs to send\n")
    else:
        _send(records)
        sys.stdout.write(f"{len(records)} runs sent\n")
    return 0


def unsent(run: Path) -> list[Path]:
    """Return the records of a run folder that W&B does not have yet, oldest first.

    A resumed run has several.
    """
    records = sorted(run.glob("wandb/offline-run-*/run-*.wandb"))
    return [record for record in records if not _is_sent(record)]


def _folders(project: str, names: Sequence[str]) -> list[Path]:
    """Return run folders by path or name, all of the project's without any."""
    known = {folder.name: folder for folder in sorted(RUNS.glob(f"{project}/*")) if folder.is_dir()}
    if not names:
        return sorted(folder for folder in RUNS.glob(f"{project}/*") if folder.is_dir())
    for name in names:
        there = Path(name).is_dir() or name in known
        require(there, "run", f"a run folder or its name{nearest(name, known)}", name)
    return [Path(name) if Path(name).is_dir() else known[name] for name in names]


def _send(records: Sequence[Path]) -> None:
    """Hand records to `wandb sync`, some at a time.

    Raises:
        RunError: If nobody is logged in, or W&B refuses.
    """
    from core.dashboards.server import logged_in

    if not logged_in():
        raise RunError("not logged in to W&B: `wandb login` first")
    own = {name: value for name, value in os.environ.items() if name != "WANDB_SERVICE"}
    for start in range(0, len(records), _AT_ONCE):
        part = records[start : start + _AT_ONCE]
        command = [sys.executable, "-m", "wandb", "sync", "--yes", *(f"{r.parent}" for r in part)]
        done = subprocess.run(command, env=own, capture_output=True, text=True, check=False)
        if any(not _is_sent(record) for record in part):  # its exit code does not tell
            said = (done.stderr or done.stdout).strip().splitlines() or ["no answer"]
            raise RunError(f"wandb sync: {said[-1]}")


def _is_sent(record: Path) -> bool:
    """Whether `wandb sync` has left its mark beside a record."""
    return record.with_suffix(".wandb.synced").exists()


if __name__ == "__main__":
    sys.exit(main())
