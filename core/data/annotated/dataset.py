"""From clean images to pairs of noisy ones, made on the fly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from torch.utils.data import Dataset

from core.annotations import Annotated, Annotator
from core.data.augmentation import Augmentation
from core.data.dataset import to_tensors
from core.data.loader import Sample, SampleKey
from core.data.sources.base import Source

if TYPE_CHECKING:
    import albumentations

Array = np.ndarray[Any, Any]


class AnnotatedDataset(Dataset[Sample]):
    """Puts annotations on clean images, twice on each: what is seen and what it is held against.

    Draws follow from (seed, row, copy, epoch) alone: the same in any worker, on any rank, and
    after a resume.

    Args:
        source: Clean images on the network's grid, (h, w, 3) uint8.
        annotator: Puts annotations on them.
        redraw: New annotations in each epoch; False keeps those of the first.
        augment: Albumentations transforms for the clean images.
        keep_truth: For evaluation, also give the mask as (H, W) uint8.
        groups: Name of the group that each row of the source belongs to; empty for no groups.
        seed: Seeds the augmentation; annotations have the annotator's.
    """

    def __init__(
        self,
        source: Source,
        annotator: Annotator,
        *,
        redraw: bool = True,
        augment: Sequence[albumentations.BasicTransform] = (),
        keep_truth: bool = False,
        groups: Sequence[str] = (),
        seed: int = 0,
    ) -> None:
        self.source, self.annotator, self.redraw = source, annotator, redraw
        self.augment = Augmentation(augment, seed=seed)
        self.keep_truth, self.groups = keep_truth, groups
        self._ids = source.table["id"].tolist()
        self._subjects = source.table["subject"].tolist()

    def __len__(self) -> int:
        return len(self.source)

    def __getitem__(self, key: SampleKey) -> Sample:
        """Return the sample of this key, whose row counts on through the copies of all images.

        Returns:
            `image`, `target` and `reference` (3, h, w) float32 in 0..1: noisy, another noisy one,
            clean; `mask` (h, w) int64, the kind of annotation that changed a pixel; what tells
            which image it is.
        """
        copy, row = divmod(key.row, len(self.source))
        clean, noisy, other = self.pair(row, copy, key.epoch if self.redraw else 0)
        size = np.array(clean.shape[:2])
        pixels = {"image": noisy.image, "target": other.image, "reference": clean}
        sample = {
            **to_tensors({**pixels, "mask": noisy.mask}),
            "box": np.array([0, 0, *size]),
            "original_size": size,
            "spacing_mm": np.full(2, np.nan, np.float32),  # the grid's own is not known
            "index": row,
            "is_padding": key.is_padding,
            "id": self._ids[row],
            "subject": self._subjects[row],
        }
        if self.keep_truth:
            sample["truth"] = noisy.mask
        if self.groups:
            sample["group"] = self.groups[row]
        return sample

    def pair(self, row: int, copy: int = 0, epoch: int = 0) -> tuple[Array, Annotated, Annotated]:
        """Return a clean image (h, w, 3) uint8, and two noisy ones made of it."""
        clean = self.augment({"image": self.source[row]["image"]}, row, copy, epoch)["image"]
        return clean, *self.annotator.pair(clean, row, copy, epoch)
