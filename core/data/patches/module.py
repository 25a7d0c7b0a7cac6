"""The DataModule of patches: trained on patches, evaluated on whole images."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Literal

import numpy as np

from core.checks import require
from core.data.loader import ResumableLoader
from core.data.module import Rows
from core.data.on_grid import GriddedData
from core.data.patches.dataset import PatchDataset
from core.data.patches.pools import Patches
from core.data.patches.table import PatchTable


class PatchData(GriddedData):
    """Images of one source: patches of the training images, and whole images to evaluate.

    Images are laid on the network's grid first and cut then, as in DA-GAN (Huang et al., ISBI 2021,
    Section 3.1). A training batch holds `image` (B, C, p, p) and `mask` (B, p, p) of patches, with
    `unpaired` also `clean` and `clean_mask`, and `patch` (B,), the patches' numbers.

    Args:
        patches: How images are cut, and which patches are clean or corrupted.
        pool: Which patches `image` comes from: "all" but those of background, or "corrupted".
        unpaired: Put a patch of the clean pool beside each patch: the same draw for any number of
            workers and processes.
        per_epoch: Patches of an epoch, others in each; None takes them all. Only whole batches of
            them are drawn where there are any.
        options: As of `ImageData`.

    Raises:
        InputError: If patches do not fit into the grid, a needed pool is empty (at `setup`), or a
            number is out of its range.
    """

    def __init__(
        self,
        *,
        patches: Patches | None = None,
        pool: Literal["all", "corrupted"] = "all",
        unpaired: bool = False,
        per_epoch: int | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        require(pool in ("all", "corrupted"), "data.pool", "all or corrupted", pool)
        positive = per_epoch is None or per_epoch > 0
        require(positive, "data.per_epoch", "a positive number", per_epoch)
        self.patches = patches or Patches()
        self.patches.places(self.grid.size)  # refuses patches that do not fit
        self.pool, self.unpaired, self.per_epoch = pool, unpaired, per_epoch

    def setup(self, stage: str) -> None:
        """Split the source; for a training also part its patches, and see that there are enough."""
        super().setup(stage)
        if stage == "fit":
            self.pools.numbers(self.pool)
            if self.unpaired:
                self.pools.numbers("clean")

    @cached_property
    def pools(self) -> PatchTable:
        """The patches of the training images; `setup` must have run."""
        return self.patches.split(self.gridded, self.stages["train"])

    def train_dataloader(self) -> ResumableLoader:
        """Batches of augmented patches, shuffled anew each epoch."""
        dataset = PatchDataset(
            self.gridded, self.pools, unpaired=self.unpaired, augment=self.augment, seed=self.seed
        )
        numbers = self.pools.numbers(self.pool)
        drawn = self._whole_batches(min(self.per_epoch or len(numbers), len(numbers)))
        return self._loader(dataset, numbers, shuffle=True, per_epoch=drawn)

    def plain_loader(self, rows: Rows) -> ResumableLoader:
        """Batches of as many patches as cover these images; not augmented, on every process alike.

        They come evenly from all that a training may see: what is measured on them, such as
        batch-norm statistics, is measured on what the network is trained on.
        """
        numbers = self.pools.numbers("all")
        wanted = len(rows) * self.grid.size[0] * self.grid.size[1] // self.patches.size**2
        places = np.unique(np.linspace(0, len(numbers) - 1, wanted).astype(int))
        chosen = np.random.default_rng(0).permutation(numbers[places])  # batches of many images
        return self._plain(PatchDataset(self.gridded, self.pools), chosen)
