"""Cells on this machine, several at a time."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Generator, Sequence

from core.experiments.launch.client import PRELOAD, server_for
from core.experiments.launch.task import Ended, Task

BYTES_A_JOB = 2 * 2**30
"""What a small run without a GPU may take, the images in its cache included."""

Place = dict[str, str]
"""Where a cell runs: the environment that it finds there."""


def places(jobs: int | None) -> list[Place]:
    """Return where cells run: as many as asked for, else one a GPU, else `jobs_without_gpu`.

    Each has one GPU to itself, as long as there are as many; a run on several is another run, with
    larger batches.
    """
    gpus = _gpus()
    count = jobs or len(gpus) or jobs_without_gpu(cores(), _memory())
    if not gpus:
        return [{} for _ in range(count)]
    return [{"CUDA_VISIBLE_DEVICES": gpus[number % len(gpus)]} for number in range(count)]


def jobs_without_gpu(cores: int, memory: float) -> int:
    """Return how many cells run at a time on cores and bytes: one a core, if the memory is enough.

    Two cells of one thread each end sooner than one after the other with two threads: a step of the
    default network takes less of the processor's time with one, and much of a small cell, its
    config and its report, uses no second one.
    """
    return max(1, int(min(cores, memory / BYTES_A_JOB)))


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_locally(
    tasks: Sequence[Task], where: list[Place], preload: tuple[str, ...] = PRELOAD
) -> Generator[Ended]:
    """Run tasks, one at each place; yield each as it ends.

    Args:
        tasks: In the order in which they begin.
        where: As many as run at a time.
        preload: What the process imports that they are forked from.

    Raises:
        RunError: If that process ends.
    """
    server = server_for(max(1, cores() // len(where)), preload)
    free, waiting = deque(where), deque(tasks)
    running: dict[str, tuple[Task, Place, float]] = {}
    try:
        while waiting or running:
            while waiting and free:
                task, place = waiting.popleft(), free.popleft()
                running[str(task.run_dir)] = (task, place, time.monotonic())
                server.start(task, place)
            key, code = server.ended()
            task, place, started = running.pop(key)
            free.append(place)
            yield Ended(task=task, code=code, seconds=time.monotonic() - started)
    finally:
        if running:  # stopped by Ctrl-C or an error
            server.stop(len(running))


def _memory() -> int:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _gpus() -> list[str]:
    import torch

    visible = os.environ.get("CUDA_VISIBLE_DEVICES", "")
    count = torch.cuda.device_count()
    return [name.strip() for name in visible.split(",") if name][:count] or [
        str(number) for number in range(count)
    ]
