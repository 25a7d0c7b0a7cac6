"""The skeleton of every task: parts are given from outside, steps are arithmetic."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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

    What a training minimises is summed on the device and logged once an epoch: logging it every
    step costs more than a small step itself. The sums are part of `rank_state`, so that an epoch's
    means are right after a resume.

    Args:
        network: Image batch in, logits or image out.
        loss: The network's raw output and the target in, a scalar out.
        optimizer: Makes the optimiser from the parameters; all its numbers belong in the YAML.
        scheduler: Makes the learning-rate scheduler from the optimiser; it steps once an epoch.
        compile: Run the network through `torch.compile`.

    Attributes:
        card: What each checkpoint says of the run that it is from; empty outside of runs.
        mid_update: Whether gradients are gathered but not yet applied, which no checkpoint holds;
            only tasks that optimise by hand set it.
        headline: The metric, without its stage, that says which of two models is better: more is.
    """

    mid_update = False
    headline = "dice"

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
        self.compiled = compile
        if compile:
            self.network.compile()  # in place: keeps the parameters' names
        self._sums: dict[str, Tensor] = {}
        self._steps = 0
        self.card: dict[str, str] = {}

    def forward(self, image: Tensor) -> Any:
        """Return the network's raw output for images (B, C, h, w) in 0..1."""
        return self.run(self.network, image)

    @property
    def networks(self) -> tuple[nn.Module, ...]:
        """What is measured in evaluation; a task that compares networks has several."""
        return (self.network,)

    def run(self, network: nn.Module, image: Tensor) -> Any:
        """Return what one of the networks makes of images in 0..1."""
        return network(image)

    def configure_optimizers(self) -> Any:
        """Make the optimiser, and the scheduler if there is one."""
        return self.optimised(self.make_optimizer, self.parameters())

    def optimised(
        self, make_optimizer: OptimizerCallable, parameters: Iterable[nn.Parameter]
    ) -> Any:
        """Return an optimiser of these parameters, with a scheduler if there is one."""
        optimizer = make_optimizer(parameters)
        if self.make_scheduler is None:
            return {"optimizer": optimizer}
        scheduler = self.make_scheduler(optimizer)
        monitor = {"monitor": scheduler.monitor} if hasattr(scheduler, "monitor") else {}
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": scheduler, **monitor}}

    def count(self, **terms: Tensor) -> None:
        """Add one step's losses to the epoch's means; the same names in every step."""
        for name, value in terms.items():
            self._sums[name] = self._sums.get(name, torch.zeros_like(value)) + value.detach()
        self._steps += 1

    def on_train_epoch_end(self) -> None:
        """Log the epoch's mean training losses, over all processes."""
        for name, total in self._sums.items():
            self.log(f"train/{name}", total.to(self.device) / self._steps, sync_dist=True)
        self._sums, self._steps = {}, 0

    def log_all(self, stage: str, values: Mapping[str, Tensor]) -> None:
        """Log values that are already the same on all processes."""
        for name, value in values.items():
            self.log(f"{stage}/{name}", value.float(), prog_bar=name == self.headline)

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Put the card in; callbacks could not where only weights are saved."""
        if self.card:
            checkpoint[CARD] = self.card

    def rank_state(self) -> dict[str, Any]:
        """Return what this process alone holds beside weights, for checkpoints to keep."""
        return {
            "sums": {name: value.cpu() for name, value in self._sums.items()},
            "steps": self._steps,
        }

    def load_rank_state(self, state: dict[str, Any]) -> None:
        """Take back what `rank_state` gave."""
        self._sums = {name: value.to(self.device) for name, value in state["sums"].items()}
        self._steps = state["steps"]
