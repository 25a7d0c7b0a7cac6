"""Cells on a Ray cluster: each a task that asks for a GPU and cores, and survives a lost machine.

A Ray worker keeps the process that its cells are forked from, so that here too a cell begins
within a second. When a worker dies, so does its cell, and Ray gives the task to another worker,
which waits until nobody writes into the run folder, and goes on there.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Generator, Sequence
from math import inf
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from core.checks import InputError, first_line, require
from core.experiments.launch.client import server_for
from core.experiments.launch.local import jobs_without_gpu
from core.experiments.launch.task import Ended, Task

RETRIES: Final = 10
"""How often a task may lose its machine; a failure of the cell itself is never tried again."""
STOP_SECONDS: Final = 10.0
_INSTALL: Final = "Ray installed: .venv/bin/uv pip install --python .venv/bin/python 'ray[client]'"


class Cluster:
    """A Ray cluster that shares this folder.

    Args:
        address: "local", "auto", "host:port" or "ray://host:port".

    Raises:
        InputError: If Ray is missing, nothing answers there, or a machine does not see this folder.
    """

    def __init__(self, address: str) -> None:
        self._ray = _connected(address)
        nodes = [node for node in self._ray.nodes() if node["Alive"]]
        able = _able([node["Resources"] for node in nodes])
        require(able, "--ray", "a machine that offers cores", "none")
        self.gpus = sum(int(resources.get("GPU", 0)) for resources in able)
        self.cores = min(_cores_a_cell(resources) for resources in able)
        self._room = sum(_cells_of(resources, self.cores) for resources in able)
        self._check_folder(nodes)

    def at_a_time(self, jobs: int | None) -> int:
        """Return how many cells run at a time, of as many as are asked for."""
        return min(jobs or self._room, self._room)

    def run(
        self, tasks: Sequence[Task], jobs: int | None, preload: tuple[str, ...]
    ) -> Generator[Ended]:
        """Run tasks; yield each as it ends.

        Args:
            tasks: In the order in which they begin.
            jobs: The most that run at a time; None for as many as there is room for.
            preload: What the processes import that they are forked from.
        """
        remote = self._remote(_here(), self.cores, preload)
        waiting = list(tasks)
        running: dict[Any, Task] = {}
        try:
            while waiting or running:
                while waiting and len(running) < (jobs or len(tasks)):
                    task = waiting.pop(0)
                    running[remote.options(name=task.name).remote(vars(task))] = task
                [reference], _ = self._ray.wait(list(running))
                yield self._ended(reference, running.pop(reference))
        finally:
            for reference in running:  # stopped by Ctrl-C or an error
                self._ray.cancel(reference, force=True)
            if running:
                self._ray.wait(list(running), num_returns=len(running), timeout=STOP_SECONDS)

    def _ended(self, reference: Any, task: Task) -> Ended:
        try:
            code, seconds = self._ray.get(reference)
        except self._ray.exceptions.RayError as error:
            said = first_line(getattr(error, "cause", None) or error)
            return Ended(task=task, code=1, seconds=0.0, error=f"Ray: {said}")
        return Ended(task=task, code=code, seconds=seconds)

    def _remote(self, here: Any, threads: int, preload: tuple[str, ...]) -> Any:
        def run(fields: dict[str, Any]) -> Any:
            enter(here)
            from core.experiments.launch.cluster import run_on_worker

            return run_on_worker(fields, threads, preload)

        enter = _enter_function()
        needs = {"num_cpus": self.cores, "num_gpus": 1 if self.gpus else 0}
        retry = {"max_retries": RETRIES, "retry_exceptions": False}
        return self._ray.remote(**needs, **retry, scheduling_strategy="SPREAD")(run)

    def _check_folder(self, nodes: list[dict[str, Any]]) -> None:
        """Let every machine read a file that was just written here, and find the code."""
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        folder, token = Path.cwd() / "runs", uuid4().hex
        folder.mkdir(exist_ok=True)
        file = folder / f".shared-{token}"
        code = Path(__file__)

        def sees() -> bool:
            return file.is_file() and file.read_text() == token and code.is_file()

        file.write_text(token)
        try:
            for node in nodes:
                there = NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
                remote = self._ray.remote(num_cpus=0, scheduling_strategy=there)(sees)
                require(
                    self._ray.get(remote.remote()),
                    "--ray",
                    f"{folder} and {code.parents[3]} on a folder that all machines share",
                    f"{node['NodeManagerAddress']} without them",
                )
        finally:
            file.unlink()


def run_on_worker(
    fields: dict[str, Any], threads: int, preload: tuple[str, ...]
) -> tuple[int, float]:
    """Run one cell in a child of this Ray worker's server; return its exit code and seconds.

    Args:
        fields: Those of the `Task`.
        threads: That it computes with.
        preload: What the server imports before its first cell.
    """
    started, server = time.monotonic(), server_for(threads, preload)
    server.start(Task(**fields), {})
    _, code = server.ended()
    return code, time.monotonic() - started


def _here() -> tuple[str, list[str]]:
    """Return what a worker must enter to be where this process is."""
    return str(Path.cwd()), list(sys.path)


def _enter_function() -> Any:
    """Return a function that Ray sends as it is: before it, a worker cannot import our code."""

    def enter(here: tuple[str, list[str]]) -> None:
        folder, path = here
        os.chdir(folder)
        sys.path[:0] = [entry for entry in path if entry not in sys.path]

    return enter


def _cores_a_cell(resources: dict[str, float]) -> int:
    """Return a machine's cores for each of its GPUs, else for each cell that it has room for."""
    cores, gpus = int(resources.get("CPU", 0)), int(resources.get("GPU", 0))
    return max(1, cores // (gpus or jobs_without_gpu(cores, resources.get("memory", inf))))


def _cells_of(resources: dict[str, float], cores: int) -> int:
    """Return how many cells of so many cores a machine has room for, one a GPU if it has any."""
    room, gpus = int(resources["CPU"]) // cores, int(resources.get("GPU", 0))
    return min(room, gpus) if gpus else room


def _able(machines: list[dict[str, float]]) -> list[dict[str, float]]:
    """Return the machines that cells can run on: with cores, and with a GPU where any has one."""
    able = [resources for resources in machines if resources.get("CPU", 0) >= 1]
    return [resources for resources in able if resources.get("GPU", 0) >= 1] or able


def _connected(address: str) -> Any:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ImportError as error:
        raise InputError(f"--ray: expected {_INSTALL}") from error
    own: dict[str, Any] = {"include_dashboard": False} if address == "local" else {}
    try:
        if not ray.is_initialized():
            ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR, **own)
    except (ConnectionError, RuntimeError, ValueError) as error:
        said = f"expected the address of a Ray cluster, got {address} ({first_line(error)})"
        raise InputError(f"--ray: {said}") from error
    return ray
