"""What the child does that was forked for a cell: wait for the folder, go on or begin, log."""

from __future__ import annotations

import fcntl
import os
import runpy
import shutil
import sys
import warnings
from pathlib import Path
from typing import Any

from core.checks import InputError
from core.experiments.launch.task import LOG, Task, is_done

_CHECKPOINTS = "resume-*.ckpt"


def run(task: dict[str, Any], threads: int) -> None:
    """Run a cell in this process, unless it is done; what was cut off goes on.

    Args:
        task: The fields of a `Task`.
        threads: That torch and OpenCV compute with.

    Raises:
        SystemExit: With the command's exit code.
    """
    cell = Task(**task)
    _hold(cell.lock)
    if is_done(cell.run_dir):
        return
    words = _words(cell)
    _log_to(cell.run_dir / LOG, words)
    _compute_with(threads)
    os.environ["SONOLAB_RUN"] = str(cell.run_dir)  # for the folder is there already
    sys.argv = ["", *words]
    sys.orig_argv = ["python", "-m", f"projects.{cell.project}", *words]  # told in the summary
    runpy.run_module(f"projects.{cell.project}", run_name="__main__", alter_sys=True)


def _hold(lock: Path) -> None:
    """Wait until nobody else has this file locked, and lock it as long as this process lives.

    Its own children hold it too: a folder is free when the last of them is gone. The file stays,
    for one who waits would wait at a removed one.
    """
    lock.parent.mkdir(parents=True, exist_ok=True)
    fcntl.flock(os.open(lock, os.O_RDWR | os.O_CREAT, 0o666), fcntl.LOCK_EX)


def _words(cell: Task) -> list[str]:
    """Return the command: to go on from the last whole checkpoint, or to begin in an empty folder.

    Without one there is nothing to keep but the log.
    """
    if _resumable(cell.run_dir):
        return ["fit", "--resume", str(cell.run_dir)]
    log = cell.run_dir / LOG
    said = log.read_bytes() if log.is_file() else b""
    shutil.rmtree(cell.run_dir, ignore_errors=True)
    cell.run_dir.mkdir(parents=True)
    log.write_bytes(said)
    return cell.words


def _resumable(run_dir: Path) -> bool:
    if not any((run_dir / "checkpoints").glob(_CHECKPOINTS)):
        return False
    from core.checkpoints import newest_valid

    try:
        with warnings.catch_warnings(action="ignore"):  # whoever resumes says what is damaged
            newest_valid(run_dir / "checkpoints", _CHECKPOINTS)
    except InputError:
        return False
    return True


def _log_to(log: Path, words: list[str]) -> None:
    """Send all that this process and its children print to the log, behind what is there."""
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
        os.dup2(file, stream.fileno())
        stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    os.close(file)
    sys.stdout.write(f"$ {' '.join(words)}\n")


def _compute_with(threads: int) -> None:
    if torch := sys.modules.get("torch"):
        torch.set_num_threads(threads)
    if cv2 := sys.modules.get("cv2"):
        cv2.setNumThreads(threads)
