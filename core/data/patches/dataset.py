"""From patches to the tensors that a network is trained on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from torch.utils.data import Dataset

from core.data.augmentation import Augmentation
from core.data.dataset import to_tensors
from core.data.loader import Sample, SampleKey
from core.data.patches.table import PatchTable
from core.data.sources.base import Source

if TYPE_CHECKING:
    import albumentations

_PARTNER = 1  # sets the augmentation of a clean partner apart from that of its patch


class PatchDataset(Dataset[Sample]):
    """Cuts patches, augments them, and puts a clean one beside each if wanted.

    Augmentation and clean partner are drawn from (seed, epoch, patch number) alone: they are the
    same in any worker, on any rank, and after a resume.

    Args:
        source: Images and masks on the network's grid.
        patches: The patches of its images; a sample's key gives the patch's number as `row`.
        unpaired: Also give `clean` and `clean_mask`, a patch drawn from the clean pool.
        augment: Albumentations transforms; those that turn by 90 degrees would turn stripes, too.
        seed: Seeds the augmentation and the draw of clean patches.

    Raises:
        InputError: If clean patches are wanted and there are none.
    """

    def __init__(
        self,
        source: Source,
        patches: PatchTable,
        *,
        unpaired: bool = False,
        augment: Sequence[albumentations.BasicTransform] = (),
        seed: int = 0,
    ) -> None:
        self.source, self.patches, self.seed = source, patches, seed
        self.clean = patches.numbers("clean") if unpaired else None
        self.augment = Augmentation(augment, seed=seed)
        self._ids = source.table["id"].tolist()
        self._subjects = source.table["subject"].tolist()

    def __len__(self) -> int:
        return len(self.patches.table)

    def __getitem__(self, key: SampleKey) -> Sample:
        """Return the sample of this key; keys and shapes as the batch's, without the batch axis."""
        number, row = key.row, self.patches.row(key.row)
        return {
            **self._tensors(number, key.epoch, number),
            **self._partner(key),
            "patch": number,
            "index": row,
            "is_padding": key.is_padding,
            "id": self._ids[row],
            "subject": self._subjects[row],
        }

    def _tensors(self, number: int, *draw: int) -> Sample:
        """Image and mask of a patch, augmented by the draw that these numbers name."""
        return to_tensors(self.augment(self.patches.cut(self.source, number), *draw))

    def _partner(self, key: SampleKey) -> Sample:
        """A clean patch for the patch of this key, drawn with replacement."""
        if self.clean is None:
            return {}
        place = np.random.default_rng([self.seed, key.epoch, key.row]).integers(len(self.clean))
        partner = self._tensors(int(self.clean[place]), key.epoch, key.row, _PARTNER)
        names = {"image": "clean", "mask": "clean_mask"}
        return {names[name]: tensor for name, tensor in partner.items()}
