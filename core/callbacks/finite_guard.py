"""Stops a training before a NaN reaches the weights."""

from __future__ import annotations

import math
from typing import Any

import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from torch import Tensor
from torch.optim import Optimizer

from core.checks import RunError


class FiniteGuard(Callback):
    """Ends the run before the update when loss or gradient is not finite.

    Raises:
        RunError: Naming step, images (rows of the source) and where the good checkpoints are.
    """

    def __init__(self) -> None:
        self._rows: list[int] = []

    def on_train_batch_start(
        self, trainer: Trainer, pl_module: LightningModule, batch: Any, batch_idx: int
    ) -> None:
        """Remember which images the step is about."""
        self._rows = batch["index"]

    def on_before_backward(
        self, trainer: Trainer, pl_module: LightningModule, loss: Tensor
    ) -> None:
        """Check the loss."""
        if not math.isfinite(loss.item()):
            self._stop(trainer, f"the loss is {loss.item()}")

    def on_before_optimizer_step(
        self, trainer: Trainer, pl_module: LightningModule, optimizer: Optimizer
    ) -> None:
        """Check the gradient; where a scaler is at work it does so itself, and skips such steps."""
        if getattr(trainer.precision_plugin, "scaler", None) is not None:
            return
        gradients = [
            p.grad
            for group in optimizer.param_groups
            for p in group["params"]
            if p.grad is not None
        ]
        if not math.isfinite(torch.nn.utils.get_total_norm(gradients).item()):
            self._stop(trainer, "a gradient is not finite")

    def _stop(self, trainer: Trainer, what: str) -> None:
        rows = [int(row) for row in self._rows]
        raise RunError(
            f"stopped before the update: {what} at epoch {trainer.current_epoch},"
            f" step {trainer.global_step}, images {rows} of the source;"
            f" checkpoints in {trainer.default_root_dir} are as they were"
        )
