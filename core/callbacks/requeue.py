"""SLURM's warning that a job's time is almost over, upon which the job is queued again."""

from __future__ import annotations

import os
import signal
import subprocess
from types import FrameType
from typing import Final

from lightning.pytorch.utilities import rank_zero_warn

WARNING: Final = signal.SIGUSR1
"""What `#SBATCH --signal=SIGUSR1@300` sends 300 s before the end."""


def requeue(signum: int = WARNING, frame: FrameType | None = None) -> None:
    """Put this process's job back into SLURM's queue, with the same number; a signal handler, too.

    That it could not be is said, and ends nothing.
    """
    job = os.environ["SLURM_JOB_ID"]
    if "SLURM_ARRAY_JOB_ID" in os.environ:
        job = f"{os.environ['SLURM_ARRAY_JOB_ID']}_{os.environ['SLURM_ARRAY_TASK_ID']}"
    try:
        subprocess.run(["scontrol", "requeue", job], check=True)
    except (OSError, subprocess.SubprocessError) as error:
        rank_zero_warn(f"SLURM job {job} could not be queued again: {error}")


def requeue_when_warned(rank: int) -> None:
    """Queue the job again as soon as the warning comes; a training saves first, see ExactResume."""
    signal.signal(WARNING, signal.SIG_IGN if rank else requeue)
