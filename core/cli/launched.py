"""What the launcher of a run of several processes, torchrun or SLURM's srun, tells each of them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from core.checks import require

_INTERACTIVE = ("bash", "interactive")  # names of SLURM jobs in which a user types commands


@dataclass(frozen=True, kw_only=True)
class Launch:
    """A process and its place among those of its run.

    Attributes:
        rank: Its number among all, from 0.
        processes: How many there are.
        nodes: On how many machines.
        restarts: How often the launcher has begun them anew.
        slurm: Whether SLURM's srun started them.
        name: Of the run, if the launcher gives one.
    """

    rank: int
    processes: int
    nodes: int
    restarts: int
    slurm: bool = False
    name: str | None = None

    @property
    def per_node(self) -> int:
        """How many processes each machine has."""
        return self.processes // self.nodes


def launch(environment: Mapping[str, str] = os.environ) -> Launch | None:
    """Return what started this process beside others; None if nothing did.

    Raises:
        InputError: If SLURM's tasks are not spread evenly over its machines.
    """
    if "TORCHELASTIC_RUN_ID" in environment:
        return _of_torchrun(environment)
    if "SLURM_STEP_ID" in environment and environment.get("SLURM_JOB_NAME") not in _INTERACTIVE:
        return _of_slurm(environment)
    return None


def _of_torchrun(environment: Mapping[str, str]) -> Launch:
    processes = int(environment["WORLD_SIZE"])
    return Launch(
        rank=int(environment["RANK"]),
        processes=processes,
        nodes=processes // int(environment["LOCAL_WORLD_SIZE"]),
        restarts=int(environment.get("TORCHELASTIC_RESTART_COUNT", 0)),
    )


def _of_slurm(environment: Mapping[str, str]) -> Launch:
    """Steps of a job are runs of their own; the first one is named after the job alone."""
    tasks = int(environment.get("SLURM_NTASKS", 1))
    even = tasks == 1 or "SLURM_NTASKS_PER_NODE" in environment
    require(even, "SLURM", "--ntasks-per-node in the job's script", f"--ntasks={tasks}")
    step, name = environment["SLURM_STEP_ID"], f"slurm-{environment['SLURM_JOB_ID']}"
    return Launch(
        rank=int(environment.get("SLURM_PROCID", 0)),
        processes=tasks,
        nodes=int(environment.get("SLURM_NNODES", 1)),
        restarts=int(environment.get("SLURM_RESTART_COUNT", 0)),
        slurm=True,
        name=name if step == "0" else f"{name}-{step}",
    )
