"""Checkpoints from which a run goes on exactly as if it had never stopped.

A run resumes bit for bit when weights, optimiser, loops, random streams, loader position and every
process's own sums come back together, and when no checkpoint stands on an epoch's last batch, where
Lightning's counters do not tell "before validation" from "after it".
"""

from __future__ import annotations

import os
import random
import signal
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.utilities import rank_zero_warn

from core.callbacks.gathered import of_all
from core.callbacks.requeue import WARNING, requeue
from core.checks import require

PATTERN = "resume-*.ckpt"
"""File names of the checkpoints to resume from; they sort by age."""

TERMINATED = 128 + signal.SIGTERM


class ExactResume(Callback):
    """Writes checkpoints to resume from, and on SIGTERM one more before it ends with exit code 143.

    SLURM's warning before the end of a job's time does the same, and queues the job again.

    Args:
        every_n_steps: Batches between checkpoints.
        keep: How many to keep; at least 2, so that a damaged one can be passed over.
    """

    def __init__(self, *, every_n_steps: int = 50, keep: int = 3) -> None:
        require(every_n_steps > 0, "every_n_steps", "a positive number", every_n_steps)
        require(keep >= 2, "keep", "at least 2", keep)
        self.every_n_steps, self.keep = every_n_steps, keep
        self._ranks: list[dict[str, Any]] | None = None
        self._due = self._terminated = self._warned = False

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Set this process's random streams: as the checkpoint left them, or its own fresh ones."""
        signal.signal(signal.SIGTERM, self._on_signal)
        if "SLURM_JOB_ID" in os.environ:
            signal.signal(WARNING, self._on_signal)
        # Deterministic torch fills fresh memory before it is written to, 5 % of a step: only a
        # kernel that reads what nobody wrote would tell, and none may.
        torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
        if self._ranks is None:
            _seed_streams(trainer.global_rank)
        elif len(self._ranks) != trainer.world_size:
            rank_zero_warn(
                f"resuming on {trainer.world_size} processes what ran on {len(self._ranks)}:"
                " not bit for bit the same"
            )
            _seed_streams(trainer.global_rank)
        else:
            state = self._ranks[trainer.global_rank]
            _set_streams(state["streams"])
            task: Any = pl_module
            task.load_rank_state(state["task"])

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Save if it is time and this batch is a safe one; end the run if it was told to."""
        done = trainer.fit_loop.total_batch_idx + 1
        self._due |= done % self.every_n_steps == 0
        terminated = _any(trainer, self._terminated)
        if not (self._due or terminated) or not _safe(trainer):
            return
        self._due = False
        self._save(trainer, PATTERN.replace("*", f"{done:08d}"))
        if terminated:
            self._leave(trainer, f"batch {done}")

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Save the finished training as last.ckpt; leave its test undone if told to end."""
        self._save(trainer, "last.ckpt")
        if _any(trainer, self._terminated):
            self._leave(trainer, "the last batch")

    def state_dict(self) -> dict[str, Any]:
        """Return the random streams and own sums of every process, gathered while saving."""
        return {"ranks": self._ranks}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Keep what the checkpoint holds until training starts."""
        self._ranks = state_dict["ranks"]

    def _save(self, trainer: Trainer, name: str) -> None:
        task: Any = trainer.lightning_module
        self._ranks = of_all(trainer, {"streams": _streams(), "task": task.rank_state()})
        folder = Path(trainer.default_root_dir) / "checkpoints"
        trainer.save_checkpoint(folder / name, weights_only=False)
        if trainer.is_global_zero:
            for old in sorted(folder.glob(PATTERN))[: -self.keep]:
                trainer.strategy.remove_checkpoint(old)

    def _on_signal(self, signum: int, frame: Any) -> None:
        self._terminated = True
        self._warned |= signum == WARNING

    def _leave(self, trainer: Trainer, place: str) -> NoReturn:
        if _any(trainer, self._warned) and trainer.is_global_zero:
            requeue()
        rank_zero_warn(f"told to end: saved after {place}; go on with --resume")
        trainer.strategy.barrier()
        raise SystemExit(TERMINATED)


def _any(trainer: Trainer, told: bool) -> bool:
    """Whether any process was told so."""
    if trainer.world_size == 1:
        return told
    return bool(trainer.strategy.reduce_boolean_decision(told, all=False))


def _safe(trainer: Trainer) -> bool:
    """Not on an epoch's last batch, and not with gradients gathered but not yet applied."""
    task: Any = trainer.lightning_module
    gathering = trainer.fit_loop._should_accumulate() or task.mid_update
    return not trainer.is_last_batch and not gathering


def _seed_streams(rank: int) -> None:
    """Give each process a stream of its own: equal noise on all ranks would not be independent."""
    words = np.random.SeedSequence([torch.initial_seed(), rank]).generate_state(3)
    torch.manual_seed(int(words[0]))
    np.random.seed(int(words[1]))  # noqa: NPY002  (the global stream, which libraries draw from)
    random.seed(int(words[2]))


def _streams() -> dict[str, Any]:
    """Return all random streams as tensors and plain lists, which `weights_only` loads."""
    numpy_state: Any = np.random.get_state()  # noqa: NPY002  (the global stream)
    name, keys, position, has_gauss, gauss = numpy_state
    version, words, gauss_next = random.getstate()
    return {
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state() if torch.cuda.is_available() else None,
        "numpy": [name, torch.from_numpy(keys.astype(np.int64)), position, has_gauss, gauss],
        "python": [version, list(words), gauss_next],
    }


def _set_streams(streams: dict[str, Any]) -> None:
    torch.set_rng_state(streams["torch"])
    if streams["cuda"] is not None and torch.cuda.is_available():
        torch.cuda.set_rng_state(streams["cuda"])
    name, keys, *rest = streams["numpy"]
    np.random.set_state((name, keys.numpy().astype(np.uint32), *rest))  # noqa: NPY002
    version, words, gauss_next = streams["python"]
    random.setstate((version, tuple(words), gauss_next))
