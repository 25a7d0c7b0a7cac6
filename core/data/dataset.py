"""From a source's sample to the tensors that a network takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch.utils.data import Dataset

from core.checks import require
from core.data.augmentation import Augmentation
from core.data.loader import Sample, SampleKey
from core.grids import Grid

Array = np.ndarray[Any, Any]

if TYPE_CHECKING:
    import albumentations

    from core.annotations import Annotator
    from core.data.sources.base import RawSample, Source

_CLASSES = ("mask", "clean_mask", "striped")  # what a batch holds as class indices


class GridDataset(Dataset[Sample]):
    """Lays each sample of a source into the network's grid, augments it, and turns it into tensors.

    Augmentation is drawn from (seed, epoch, index, turn) alone: the same sample of the same turn of
    an epoch is the same in any worker, on any rank, and after a resume.

    Args:
        source: Where samples come from.
        grid: The network's grid.
        channels: 1 turns colour images grey, 3 repeats grey ones.
        augment: Albumentations transforms, applied on the network's grid.
        keep_truth: For evaluation, also give the mask on the image's own grid, and on the
            network's grid what a simulated source knows: the noise-free `reference`, and `striped`,
            where structured noise lies.
        annotate: Puts annotations on the images, on their own grids; None leaves them as they are.
        groups: Name of the group that each row of the source belongs to; empty for no groups.
        labels: Class of each row of the source; empty for none.
        seed: Seeds the augmentation.
    """

    def __init__(
        self,
        source: Source,
        *,
        grid: Grid,
        channels: int = 1,
        augment: Sequence[albumentations.BasicTransform] = (),
        keep_truth: bool = False,
        annotate: Annotator | None = None,
        groups: Sequence[str] = (),
        labels: Sequence[str] = (),
        seed: int = 0,
    ) -> None:
        require(channels in (1, 3), "channels", "1 or 3", channels)
        self.source, self.grid, self.channels = source, grid, channels
        self.keep_truth, self.annotate = keep_truth, annotate
        self.groups, self.labels = groups, labels
        self.augment = Augmentation(augment, seed=seed)
        self._ids = source.table["id"].tolist()
        self._subjects = source.table["subject"].tolist()
        self._spacings_mm = _spacings(source)

    def __len__(self) -> int:
        return len(self.source)

    def __getitem__(self, key: SampleKey) -> Sample:
        """Return the sample of this key; keys and shapes as the batch's, without the batch axis."""
        return self.sample(key.row, key)

    def sample(self, row: int, key: SampleKey) -> Sample:
        """Return the sample of a row, augmented as that of another key: frames of a clip alike."""
        raw = self.source[row]
        image, mask = raw["image"], raw.get("mask")
        if self.annotate is not None:
            image = self.annotate.annotate(image, row).image
        sample = {
            **self._placed(image, mask, key),
            "box": self.grid.box(image.shape[:2]),
            "original_size": np.array(image.shape[:2]),
            "spacing_mm": self._spacings_mm[row],
            "index": row,
            "is_padding": key.is_padding,
            "id": self._ids[row],
            "subject": self._subjects[row],
        }
        if self.keep_truth:
            sample |= self._known(raw)
        if self.groups:
            sample["group"] = self.groups[row]
        if self.labels:
            sample["label"] = self.labels[row]
        return sample

    def _placed(self, image: Array, mask: Array | None, key: SampleKey) -> Sample:
        """Image, and mask where there is one, on the network's grid."""
        placed = {"image": self.grid.lay_image(as_channels(image, self.channels))}
        if mask is not None:
            placed["mask"] = self.grid.lay_mask(mask)
        return to_tensors(self.augment(placed, key.epoch, key.row, key.turn))

    def _known(self, raw: RawSample) -> Sample:
        """What is known of a sample and only for measuring."""
        known: Sample = {"truth": raw["mask"]} if "mask" in raw else {}
        laid = {}
        if "reference" in raw:
            laid["reference"] = self.grid.lay_image(as_channels(raw["reference"], self.channels))
        if "striped" in raw:
            laid["striped"] = self.grid.lay_mask(raw["striped"])
        return known | to_tensors(laid)


def to_tensors(arrays: dict[str, Array]) -> Sample:
    """Return images as float32 from 0 to 1, channels first, and masks as int64 class indices."""
    return {name: _to_tensor(name, value) for name, value in arrays.items()}


def as_channels(image: Array, channels: int) -> Array:
    """Return an image (H, W) or (H, W, 3) uint8 with 1 channel, as (H, W), or with 3."""
    import cv2

    if channels == 1 and image.ndim == 3:
        grey: Array = cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2GRAY)
        return grey
    if channels == 3 and image.ndim == 2:
        return np.repeat(image[..., None], 3, axis=2)
    return image


def _spacings(source: Source) -> np.ndarray[Any, np.dtype[np.float32]]:
    """(n, 2) float32 row and column spacing in mm; NaN where the source states none."""
    columns = ["spacing_row_mm", "spacing_col_mm"]
    return source.table.reindex(columns=columns).to_numpy(np.float32, copy=True)


def _to_tensor(name: str, value: Array) -> torch.Tensor:
    """Copy an array, which may be a read-only view, into a tensor."""
    if name in _CLASSES:
        return torch.from_numpy(value.astype(np.int64, order="C"))
    image = torch.from_numpy(value.astype(np.float32, order="C")).div_(255)
    return image[None] if image.ndim == 2 else image.permute(2, 0, 1)
