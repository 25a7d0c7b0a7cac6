"""Segmentation: which pixels belong to a structure, and is it there at all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from lightning.pytorch.cli import LRSchedulerCallable, OptimizerCallable
from torch import Tensor, nn
from torchmetrics import MeanMetric

from core.checks import require
from core.metrics import GroupedAUC, ImageTable
from core.tasks.base import Batch, Task
from core.tasks.masks import Mask, MaskMaker, MaskStep, Scores, on_own_grids, one_of, parts


class SegmentationTask(Task):
    """Trains a network that gives each pixel's logit, and maybe the structure's presence logit.

    Validation and test bring predictions back to the image's own grid before they measure anything.

    Args:
        network: (B, C, h, w) in, mask logits out: (B, 1, h, w) for one structure, (B, 1 + K, h, w)
            for K > 1 with the background first; maybe with presence logits (B,) beside them.
        loss: The network's raw output and the mask (B, h, w) int64 in, a scalar out.
        optimizer: Makes the optimiser from the parameters.
        scheduler: Makes the learning-rate scheduler from the optimiser.
        compile: Run the network through `torch.compile`.
        structures: Name of each structure, in the order of the mask's values from 1 up.
        threshold: A pixel belongs to a single structure where its probability is at least this;
            of several, the likeliest wins.
        postprocess: Changes each predicted mask of one structure, (H, W) uint8 of 0 and 1, on the
            image's own grid, before it is measured or given out.

    Attributes:
        image_table: Every metric of every image of the current evaluation.
        curves: ROC curves of the current test, by structure and group of images.

    Raises:
        InputError: If the threshold is no probability, or the network's maps of logits are not as
            many as the structures need (when it runs).
    """

    def __init__(
        self,
        *,
        network: nn.Module,
        loss: nn.Module,
        optimizer: OptimizerCallable,
        scheduler: LRSchedulerCallable | None = None,
        compile: bool = False,  # noqa: A002  (torch's own name for it)
        structures: Sequence[str] = ("structure",),
        threshold: float = 0.5,
        postprocess: MaskStep | None = None,
    ) -> None:
        super().__init__(
            network=network, loss=loss, optimizer=optimizer, scheduler=scheduler, compile=compile
        )
        require(0 < threshold < 1, "model.threshold", "a probability between 0 and 1", threshold)
        self.structures = tuple(structures)
        self.masks = MaskMaker(
            structures=self.structures, threshold=threshold, postprocess=postprocess
        )
        self.val_table = ImageTable(structures=structures, distances=False)
        self.test_table = ImageTable(structures=structures, distances=True)
        self.val_loss, self.test_loss = MeanMetric(), MeanMetric()
        self.curves = GroupedAUC()

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        """Return the loss of a batch; the first of an epoch is also looked at more closely."""
        require("mask" in batch, "data.source", "images with masks", "images alone")
        output = self(batch["image"])
        if batch_idx == 0:  # a look at the masks makes a GPU wait
            self.masks.check_maps(parts(output)[0])
            self.masks.check_classes(int(batch["mask"].max()))
        loss: Tensor = self.loss(output, batch["mask"])
        self.count(loss=loss)
        return loss

    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        """Measure a batch of validation images on their own grids."""
        output, counted = self._evaluated(batch, self.val_loss)
        _, masks = self._found(output, batch)
        self._count(self.val_table, batch, masks, counted)

    def on_test_epoch_start(self) -> None:
        """Forget an earlier test."""
        for state in (self.test_loss, self.test_table, self.curves):
            state.reset()

    def test_step(self, batch: Batch, batch_idx: int) -> dict[str, Any]:
        """Measure a batch of test images on their own grids.

        Returns:
            "masks", (H, W) uint8 class indices; "scores", (K, H, W) float32 in 0..1.
        """
        return self._measured(*self._evaluated(batch, self.test_loss), batch)

    def predict_step(self, batch: Batch, batch_idx: int) -> dict[str, Any]:
        """Return what is seen in a batch.

        Returns:
            "masks", (H, W) uint8 on own grids; "presence" (B,), NaN without the head; "restored",
            (H, W) uint8 on own grids, where the network restores images before it segments them.
        """
        output, restored = self._seen(batch["image"])
        _, presence = parts(output)
        unknown = torch.full((len(batch["index"]),), torch.nan)
        _, masks = self._found(output, batch)
        seen = {
            "masks": masks,
            "presence": unknown if presence is None else presence.sigmoid().float().cpu(),
        }
        return seen if restored is None else seen | {"restored": on_own_grids(restored, batch)}

    def on_validation_epoch_end(self) -> None:
        """Log the validation's metrics."""
        self.log_all("val", {"loss": self.val_loss.compute(), **self.val_table.compute()})
        self.val_loss.reset()
        self.val_table.reset()

    def on_test_epoch_end(self) -> None:
        """Log the test's metrics; the table stays for whoever writes it down."""
        values = {
            "loss": self.test_loss.compute(),
            **self.test_table.compute(),
            **self._areas_under_curves(),
        }
        self.log_all("test", values)

    @property
    def image_table(self) -> ImageTable:
        """Every metric of every test image."""
        return self.test_table

    def _seen(self, image: Tensor) -> tuple[Any, Tensor | None]:
        """Return the raw output, and the restored images of a network that makes such."""
        network: Any = self.network
        if not hasattr(network, "restore"):
            return self(image), None
        restored = network.restore(image)
        return network.segmenter(restored), restored

    def _evaluated(self, batch: Batch, mean_loss: MeanMetric) -> tuple[Any, list[int]]:
        """Run the network, count the loss; return output and the places of images not padding.

        The loss is taken image by image: it shall not depend on which images share a batch, for
        that differs with batch size and number of processes.
        """
        require("mask" in batch, "data.source", "images with masks", "images alone")
        output = self(batch["image"])
        counted = torch.nonzero(~batch["is_padding"]).flatten().tolist()
        for i in counted:
            mean_loss.update(self._image_loss(output, batch, i).float())
        return output, counted

    def _image_loss(self, output: Any, batch: Batch, place: int) -> Tensor:
        """Return the loss of one image of a batch."""
        loss: Tensor = self.loss(one_of(output, place), batch["mask"][place : place + 1])
        return loss

    def _measured(self, output: Any, counted: list[int], batch: Batch) -> dict[str, Any]:
        """Find and measure what a batch of test images shows; return it."""
        scores, masks = self._found(output, batch)
        self._count(self.test_table, batch, masks, counted)
        self._count_pixels(batch, scores, counted)
        return {"masks": masks, "scores": scores}

    def _count(
        self, table: ImageTable, batch: Batch, masks: list[Mask], counted: list[int]
    ) -> None:
        truths = [batch["truth"][i] for i in counted]
        self.masks.check_classes(max((int(truth.max()) for truth in truths), default=0))
        table.update(
            [masks[i] for i in counted],
            truths,
            batch["spacing_mm"][counted].float().cpu().numpy(),
            batch["index"][counted].cpu().numpy(),
        )

    def _count_pixels(self, batch: Batch, scores: list[Scores], counted: list[int]) -> None:
        """Count test pixels for the ROC, of all images and of each group."""
        groups = batch.get("group", [None] * len(scores))
        for i in counted:
            for number, name in enumerate(self.structures):
                inside = self.masks.inside(batch["truth"][i], number)
                self.curves.update(name, groups[i], scores[i][number], inside)

    def _areas_under_curves(self) -> dict[str, Tensor]:
        """Return `auc`, the mean over structures, and each one's where there are several."""
        areas = self.curves.areas()
        values = torch.tensor([areas.get(name, torch.nan) for name in self.structures])
        own = {f"{name}/auc": value for name, value in zip(self.structures, values, strict=True)}
        return {"auc": values.nanmean(), **(own if len(own) > 1 else {})}

    def _found(self, output: Any, batch: Batch) -> tuple[list[Scores], list[Mask]]:
        """Return scores (K, H, W) and masks (H, W) on the images' own grids."""
        scores = self.masks.scores(output, batch)
        return scores, [self.masks.mask(each) for each in scores]
