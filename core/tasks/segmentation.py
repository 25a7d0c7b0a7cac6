"""Segmentation of one structure: which pixels belong to it, and is it there at all."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from lightning.pytorch.cli import LRSchedulerCallable, OptimizerCallable
from torch import Tensor, nn
from torchmetrics import MeanMetric

from core.checks import require
from core.grids import restore
from core.metrics import ImageTable, PixelAUC
from core.tasks.base import Batch, Task

Mask = npt.NDArray[np.uint8]
Scores = npt.NDArray[np.float32]


class SegmentationTask(Task):
    """Trains a network that gives each pixel's logit, and maybe the structure's presence logit.

    Validation and test bring predictions back to the image's own grid before they measure anything.

    Args:
        network: (B, C, h, w) in, mask logits (B, 1, h, w) out, or these and presence logits (B,).
        loss: The network's raw output and the mask (B, h, w) int64 in, a scalar out.
        optimizer: Makes the optimiser from the parameters.
        scheduler: Makes the learning-rate scheduler from the optimiser.
        compile: Run the network through `torch.compile`.
        threshold: A pixel belongs to the structure where its probability is at least this.

    Attributes:
        image_table: Every metric of every image of the current evaluation.
    """

    def __init__(
        self,
        *,
        network: nn.Module,
        loss: nn.Module,
        optimizer: OptimizerCallable,
        scheduler: LRSchedulerCallable | None = None,
        compile: bool = False,  # noqa: A002  (torch's own name for it)
        threshold: float = 0.5,
    ) -> None:
        super().__init__(
            network=network, loss=loss, optimizer=optimizer, scheduler=scheduler, compile=compile
        )
        require(0 < threshold < 1, "model.threshold", "a probability between 0 and 1", threshold)
        self.threshold = threshold
        self.val_table, self.test_table = ImageTable(distances=False), ImageTable(distances=True)
        self.val_loss, self.test_loss = MeanMetric(), MeanMetric()
        self.test_auc = PixelAUC()

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        """Return the loss of a batch."""
        loss: Tensor = self.loss(self(batch["image"]), batch["mask"])
        self.count_training_loss(loss)
        return loss

    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        """Measure a batch of validation images on their own grids."""
        output, counted = self._evaluated(batch, self.val_loss)
        self._count(self.val_table, batch, self._masks(output, batch), counted)

    def test_step(self, batch: Batch, batch_idx: int) -> dict[str, Any]:
        """Measure a batch of test images on their own grids; return "masks", (H, W) uint8 each."""
        output, counted = self._evaluated(batch, self.test_loss)
        scores = self._scores(output, batch)
        masks = [self._mask(score) for score in scores]
        self._count(self.test_table, batch, masks, counted)
        for i in counted:
            self.test_auc.update(scores[i], batch["truth"][i] > 0)
        return {"masks": masks}

    def predict_step(self, batch: Batch, batch_idx: int) -> dict[str, Any]:
        """Return "masks" (H, W) uint8 on own grids, and "presence" (B,), NaN without the head."""
        output = self(batch["image"])
        _, presence = _parts(output)
        unknown = torch.full((len(batch["index"]),), torch.nan)
        return {
            "masks": self._masks(output, batch),
            "presence": unknown if presence is None else presence.sigmoid().float().cpu(),
        }

    def on_validation_epoch_end(self) -> None:
        """Log the validation's metrics."""
        self._log("val", {"loss": self.val_loss.compute(), **self.val_table.compute()})
        self.val_loss.reset()
        self.val_table.reset()

    def on_test_epoch_end(self) -> None:
        """Log the test's metrics; the table stays for whoever writes it down."""
        values = {
            "loss": self.test_loss.compute(),
            **self.test_table.compute(),
            "auc": self.test_auc.compute(),
        }
        self._log("test", values)

    @property
    def image_table(self) -> ImageTable:
        """Every metric of every test image."""
        return self.test_table

    def _evaluated(self, batch: Batch, mean_loss: MeanMetric) -> tuple[Any, list[int]]:
        """Run the network, count the loss; return output and the places of images not padding.

        The loss is taken image by image: it shall not depend on which images share a batch, for
        that differs with batch size and number of processes.
        """
        output = self(batch["image"])
        counted = torch.nonzero(~batch["is_padding"]).flatten().tolist()
        for i in counted:
            mean_loss.update(self.loss(_one(output, i), batch["mask"][i : i + 1]).float())
        return output, counted

    def _count(
        self, table: ImageTable, batch: Batch, masks: list[Mask], counted: list[int]
    ) -> None:
        table.update(
            [masks[i] for i in counted],
            [batch["truth"][i] for i in counted],
            batch["spacing_mm"][counted].cpu().numpy(),
            batch["index"][counted].cpu().numpy(),
        )

    def _scores(self, output: Any, batch: Batch) -> list[Scores]:
        """Probabilities on each image's own grid, (H, W) float32."""
        probabilities = _parts(output)[0].sigmoid().float().cpu().numpy()[:, 0]
        boxes, sizes = batch["box"].cpu().numpy(), batch["original_size"].cpu().numpy()
        return [restore(*each) for each in zip(probabilities, boxes, sizes, strict=True)]

    def _masks(self, output: Any, batch: Batch) -> list[Mask]:
        return [self._mask(score) for score in self._scores(output, batch)]

    def _mask(self, score: Scores) -> Mask:
        return (score >= self.threshold).astype(np.uint8)

    def _log(self, stage: str, values: dict[str, Tensor]) -> None:
        """Log values that are already the same on all processes."""
        for name, value in values.items():
            self.log(f"{stage}/{name}", value.float(), prog_bar=name == "dice")


def _one(output: Any, place: int) -> Any:
    """The network's raw output for one image of a batch, still with the batch axis."""
    if isinstance(output, tuple):
        return tuple(part[place : place + 1] for part in output)
    return output[place : place + 1]


def _parts(output: Any) -> tuple[Tensor, Tensor | None]:
    """Mask logits, and presence logits if the network gives any."""
    return output if isinstance(output, tuple) else (output, None)
