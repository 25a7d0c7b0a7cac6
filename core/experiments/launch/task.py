"""A cell as something to run: its command, its folder, and how far it has come."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

LOG = "log.txt"
"""In the run folder: all that a cell has printed, of every attempt."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """One run of a project.

    Args:
        project: Name of the project, whose package is run as `python -m` would.
        name: What the run is called when its end is told.
        words: The command's words, `fit --run NAME ...`.
        run_dir: Where the command writes, below the working directory.
    """

    project: str
    name: str
    words: list[str]
    run_dir: Path

    @property
    def lock(self) -> Path:
        """The file, beside the folder, that whoever writes into the folder has locked."""
        return self.run_dir.with_name(f".{self.run_dir.name}.lock")


@dataclass(frozen=True, kw_only=True)
class Ended:
    """A task whose process is gone: its exit code (minus the signal that killed it), and its time.

    Args:
        task: What was run.
        code: Exit code; 0 for a cell that another launcher has finished meanwhile.
        seconds: From its start until its end.
        error: What kept it from running at all.
    """

    task: Task
    code: int
    seconds: float
    error: str = ""

    @property
    def why(self) -> str:
        """Why the task is not done, in one line: the last one of its log."""
        if self.error:
            return self.error
        path = self.task.run_dir / LOG
        text = path.read_text(errors="replace") if path.is_file() else ""
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        said = lines[-1] if lines else "no output"
        return f"killed by signal {-self.code}; {said}" if self.code < 0 else said


def is_done(run_dir: Path) -> bool:
    """Whether a run has been tested, and its report, which comes last, written."""
    path = run_dir / "summary.json"
    metrics = json.loads(path.read_text()).get("metrics") if path.is_file() else None
    tested = any(
        name.startswith("test/") and value is not None for name, value in (metrics or {}).items()
    )
    return tested and (run_dir / "report.html").is_file()
