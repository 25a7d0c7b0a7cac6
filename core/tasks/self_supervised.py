"""Segmentation behind a denoiser that learns from noisy images alone."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from core.checks import require
from core.tasks.base import Batch
from core.tasks.masks import parts
from core.tasks.segmentation import SegmentationTask


class SelfSupervisedTask(SegmentationTask):
    """Trains a denoiser by a pretext, and a segmenter on what it gives, in one step.

    The segmenter's loss does not reach the denoiser, which stays the self-supervised one that its
    paper describes.

    Args:
        network: Has `restore`, images (B,1,h,w) in and out, and a `segmenter`, logits out.
        pretext: The network and the batch in, the denoiser's loss out, a scalar.
        segmentation: Weight of the segmentation loss.
        **options: Those of `SegmentationTask`.

    Raises:
        InputError: If the weight is negative.
    """

    network: Any  # with `restore` and `segmenter`, of which a plain module's type knows nothing

    def __init__(self, *, pretext: nn.Module, segmentation: float = 1.0, **options: Any) -> None:
        super().__init__(**options)
        require(segmentation >= 0, "model.segmentation", "0 or more", segmentation)
        self.pretext, self.segmentation = pretext, segmentation

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        """Return the sum of both losses of a batch."""
        require("mask" in batch, "data.source", "images with masks", "images alone")
        pretext: Tensor = self.pretext(self.network, batch)
        with torch.no_grad():
            restored = self.network.restore(batch["image"])
        output = self.network.segmenter(restored)
        if batch_idx == 0:  # a look at the masks makes a GPU wait
            self.masks.check_maps(parts(output)[0])
            self.masks.check_classes(int(batch["mask"].max()))
        segmentation = self.segmentation * self.loss(output, batch["mask"])
        loss: Tensor = pretext + segmentation
        self.count(loss=loss, pretext=pretext, segmentation=segmentation)
        return loss
