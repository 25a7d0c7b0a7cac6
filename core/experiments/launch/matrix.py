"""Running a whole matrix of cells: what is done is skipped, what fails stops no other."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing

from core.experiments.launch.client import PRELOAD
from core.experiments.launch.local import places, run_locally
from core.experiments.launch.progress import Progress
from core.experiments.launch.task import Ended, Task, is_done


def launch(
    tasks: Sequence[Task],
    *,
    jobs: int | None = None,
    ray: str | None = None,
    preload: tuple[str, ...] = PRELOAD,
) -> list[Task]:
    """Run every task that is not done, and say how far it is.

    A task that was cut off goes on from its last checkpoint. No folder is ever written by two: a
    second launcher waits for the first one's run and finds it done.

    Args:
        tasks: What to run, in this order; each run folder once.
        jobs: How many at a time; None for one a GPU, without any one a core.
        ray: "local" or the address of a Ray cluster to run on; None for this machine without Ray.
        preload: Modules that runs share the import of.

    Returns:
        The tasks that failed.

    Raises:
        KeyboardInterrupt: After Ctrl-C, when all runs have ended and what is done has been said.
        InputError: If the cluster cannot be used.
        RunError: If the process that runs are forked from is gone.
    """
    waiting = [task for task in tasks if not is_done(task.run_dir)]
    if not waiting:
        return []
    at_a_time, ends = _begun(waiting, jobs, ray, preload)
    progress = Progress(len(tasks), len(tasks) - len(waiting), at_a_time)
    try:
        with closing(ends):
            for ended in ends:
                progress.tell(ended)
    except KeyboardInterrupt:
        done = sum(is_done(task.run_dir) for task in tasks)
        print(f"\n{done} of {len(tasks)} runs are done; the same command goes on with the others")
        raise
    finally:
        progress.close()
    return [task for task in waiting if not is_done(task.run_dir)]


def _begun(
    tasks: list[Task], jobs: int | None, ray: str | None, preload: tuple[str, ...]
) -> tuple[int, Generator[Ended]]:
    """Return how many run at a time, and their ends as they come."""
    if ray is None:
        where = places(jobs)
        return len(where), run_locally(tasks, where, preload)
    from core.experiments.launch.cluster import Cluster

    cluster = Cluster(ray)
    return cluster.at_a_time(jobs), cluster.run(tasks, jobs, preload)
