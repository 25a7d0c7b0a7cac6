"""The skeleton of every task: parts are given from outside, steps are arithmetic."""

from __future__ import annotations

from typing import Any

import torch
from lightning.pytorch import LightningModule
from lightning.pytorch.cli import LRSchedulerCallable, OptimizerCallable
from torch import Tensor, nn

Batch = dict[str, Any]
CARD = "sonolab"
"""Key of a checkpoint's card: project and config, enough to use the checkpoint alone."""


class Task(LightningModule):
    """One network, one loss, one optimiser; a task's steps say what they do.

    The training loss is summed on the device and logged once an epoch: logging it every step costs
    more than a small step itself. The sum is part of `rank_state`, so that an epoch's mean is right
    after a resume.

    Args:
        network: Image batch in, logits or image out.
        loss: The network's raw output and the target in, a scalar out.
        optimizer: Makes the optimiser from the parameters; all its numbers belong in the YAML.
        scheduler: Makes the learning-rate scheduler from the optimiser; it steps once an epoch.
        compile: Run the network through `torch.compile`.

    Attributes:
        card: What each checkpoint says of the run that it is from; empty outside of runs.
    """

    def __init__(
        self,
        *,
        network: nn.Module,
        loss: nn.Module,
        optimizer: OptimizerCallable,
        scheduler: LRSchedulerCallable | None = None,
        compile: bool = False,  # noqa: A002  (torch's own name for it)
    ) -> None:
        super().__init__()
        self.network, self.loss = network, loss
        self.make_optimizer, self.make_scheduler = optimizer, scheduler
        if compile:
            self.network.compile()  # in place: keeps the parameters' names
        self._loss_sum, self._loss_count = torch.zeros(()), 0
        self.card: dict[str, str] = {}

    def forward(self, image: Tensor) -> Any:
        """Return the network's raw output for images (B, C, h, w) in 0..1."""
        return self.network(image)

    def configure_optimizers(self) -> Any:
        """Make the optimiser, and the scheduler if there is one."""
        optimizer = self.make_optimizer(self.parameters())
        if self.make_scheduler is None:
            return optimizer
        scheduler = self.make_scheduler(optimizer)
        monitor = {"monitor": scheduler.monitor} if hasattr(scheduler, "monitor") else {}
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": scheduler, **monitor}}

    def count_training_loss(self, loss: Tensor) -> None:
        """Add one step's loss to the epoch's mean."""
        self._loss_sum = self._loss_sum.to(loss.device) + loss.detach()
        self._loss_count += 1

    def on_train_epoch_end(self) -> None:
        """Log the epoch's mean training loss, over all processes."""
        if self._loss_count:
            self.log("train/loss", self._loss_sum / self._loss_count, sync_dist=True)
        self._loss_sum, self._loss_count = torch.zeros(()), 0

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Put the card in; callbacks could not where only weights are saved."""
        if self.card:
            checkpoint[CARD] = self.card

    def rank_state(self) -> dict[str, Any]:
        """Return what this process alone holds beside weights, for checkpoints to keep."""
        return {"loss_sum": self._loss_sum.cpu(), "loss_count": self._loss_count}

    def load_rank_state(self, state: dict[str, Any]) -> None:
        """Take back what `rank_state` gave."""
        self._loss_sum, self._loss_count = state["loss_sum"], state["loss_count"]
