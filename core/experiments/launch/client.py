"""The launcher's side of the process that forks cells."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from multiprocessing import Pipe
from pathlib import Path
from typing import Final

from core.checks import RunError
from core.experiments.launch import server
from core.experiments.launch.task import Task

PRELOAD: Final = (
    *("core.experiments.launch.cell", "core.cli.stages", "core.cli.finish"),
    "core.callbacks.wandb_ahead",
)
"""What every cell imports; by name, for the command line is above this room."""
GRACE_SECONDS: Final = 10.0
"""For a training that is told to end to save where it is: a step, and a checkpoint."""
_LAUNCHERS: Final = re.compile(
    "SONOLAB_RUN$|SLURM_|TORCHELASTIC_|MASTER_|(LOCAL_|GROUP_|ROLE_|NODE_)?(RANK|WORLD_SIZE)$"
)
_CELL: Final = "core.experiments.launch.cell:run"
_THREADS: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class CellServer:
    """A process with everything imported, from which cells are forked.

    Args:
        threads: That each cell computes with.
        preload: Modules to import before the first cell.
    """

    def __init__(self, threads: int, preload: tuple[str, ...] = PRELOAD) -> None:
        self._threads = {name: str(threads) for name in _THREADS}
        self._channel, theirs = Pipe()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, server.__file__, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                env={**_environment(), **self._threads},
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is the launcher's alone
            )
        self._channel.send((sys.path, preload))

    @property
    def alive(self) -> bool:
        """Whether it can still fork."""
        return not self._channel.closed and self._process.poll() is None

    def start(self, task: Task, environment: Mapping[str, str]) -> None:
        """Fork a cell.

        Args:
            task: What to run, where this process is.
            environment: What the cell's differs in from this process's.
        """
        arguments = {"task": vars(task), "threads": int(self._threads[_THREADS[0]])}
        self._channel.send(
            {
                "key": str(task.run_dir),
                "function": _CELL,
                "arguments": arguments,
                "environment": {**_environment(), **self._threads, **environment},
                "folder": str(Path.cwd()),
                "path": sys.path,
            }
        )

    def ended(self) -> tuple[str, int]:
        """Wait for the next cell to end; return its folder and exit code.

        Raises:
            RunError: If the server itself is gone.
        """
        try:
            key, code = self._channel.recv()
        except (EOFError, OSError) as error:
            died = f"the process that runs cells ended (exit code {self._process.wait()})"
            raise RunError(f"{died}; the same command goes on where they were") from error
        return key, code

    def stop(self, running: int) -> None:
        """End all cells: let trainings save where they are; kill what takes longer."""
        until = time.monotonic() + GRACE_SECONDS
        try:
            self._channel.send(server.STOP)
            while running and self._channel.poll(max(0.0, until - time.monotonic())):
                self._channel.recv()
                running -= 1
        except (EOFError, OSError):
            pass
        finally:
            self.close()

    def close(self) -> None:
        """End the server, and whatever still runs."""
        self._channel.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(GRACE_SECONDS)


_servers: dict[tuple[int, tuple[str, ...]], CellServer] = {}


def server_for(threads: int, preload: tuple[str, ...]) -> CellServer:
    """Return this process's server; started once, it ends with the process."""
    known = _servers.get((threads, preload))
    if known is None or not known.alive:
        known = _servers[threads, preload] = CellServer(threads, preload)
    return known


def _environment() -> dict[str, str]:
    """This process's environment, without its own run folder, and its place in a distributed job.

    A cell is a run of its own, also where srun or torchrun has started the launcher or Ray.
    """
    given = {key: value for key, value in os.environ.items() if not _LAUNCHERS.match(key)}
    # As core.cli.main has it, which here comes after torch; and no CUDA call to count devices, for
    # after one a fork cannot use them.
    return {"OMP_WAIT_POLICY": "PASSIVE", **given, "PYTORCH_NVML_BASED_CUDA_CHECK": "1"}
