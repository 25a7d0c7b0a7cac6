"""The progress bar."""

from __future__ import annotations

import time
from typing import Any

from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import TQDMProgressBar


class ProgressBar(TQDMProgressBar):
    """Lightning's bar without the run's version, drawn now and then however short the steps are.

    Args:
        every_s: Seconds between updates; each update costs about a millisecond.
    """

    def __init__(self, *, every_s: float = 0.5) -> None:
        super().__init__()
        self.every_s = every_s
        self._drawn = float("-inf")

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Draw the bar if it is time, and when it is full."""
        now = time.monotonic()
        if now - self._drawn >= self.every_s or trainer.is_last_batch:
            self._drawn = now
            super().on_train_batch_end(trainer, pl_module, outputs, batch, batch_idx)

    def get_metrics(
        self, trainer: Trainer, pl_module: LightningModule
    ) -> dict[str, int | str | float | dict[str, float]]:
        """Return what stands behind the bar."""
        metrics = super().get_metrics(trainer, pl_module)
        metrics.pop("v_num", None)
        return metrics
