"""The DataModule of annotated images."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from core.annotations import Annotator
from core.checks import require
from core.data.annotated.dataset import AnnotatedDataset
from core.data.loader import ResumableLoader
from core.data.module import Rows, as_annotator
from core.data.on_grid import GriddedData


class AnnotatedData(GriddedData):
    """Clean images of one source, with annotations put on them on the fly.

    Images are laid on the network's grid first. A batch holds `image`, `target`, `reference`
    (B, 3, h, w) and `mask` (B, h, w), as `AnnotatedDataset` gives them: the same data serve
    Noise2Noise, Noise2Clean and the segmentation of annotations. Evaluation has one noisy image of
    each clean one, always the same, and is on the network's grid; a mask that the source has is of
    no use here. Only a prediction takes images as they are.

    Args:
        annotate: What is put on the images: the name of a kind, several, or an annotator.
        per_image: Noisy images of each clean one in an epoch; the paper's `ratio`.
        per_epoch: Noisy images of an epoch at most, others in each; None for all. Only whole
            batches of them are drawn where there are any.
        redraw: New annotations in each epoch; False keeps a fixed set, as the paper does.
        options: As of `ImageData`; channels are always 3.

    Raises:
        InputError: If a number is out of its range.
    """

    def __init__(
        self,
        *,
        annotate: str | list[str] | Annotator,
        per_image: int = 1,
        per_epoch: int | None = None,
        redraw: bool = True,
        **options: Any,
    ) -> None:
        super().__init__(channels=3, **options)
        require(per_image > 0, "data.per_image", "a positive number", per_image)
        positive = per_epoch is None or per_epoch > 0
        require(positive, "data.per_epoch", "a positive number", per_epoch)
        self.annotator, self.redraw = as_annotator(annotate), redraw
        self.per_image, self.per_epoch = per_image, per_epoch
        if not self.groups and self.annotator.chance is None and len(self.annotator.names) > 1:
            draws = (self.annotator.drawn(row, 0, 0) for row in range(len(self.source)))
            self.groups = ["+".join(names) for names in draws]

    def train_dataloader(self) -> ResumableLoader:
        """Batches of noisy images, shuffled anew each epoch."""
        copies = len(self.source) * np.arange(self.per_image)
        rows = (self.stages["train"] + copies[:, None]).ravel()
        drawn = self._whole_batches(min(self.per_epoch or len(rows), len(rows)))
        return self._loader(self.training_set(), rows, shuffle=True, per_epoch=drawn)

    def val_dataloader(self) -> ResumableLoader:
        """Batches of noisy validation images, in order."""
        return self._loader(self._evaluation_set(), self.stages["val"])

    def test_dataloader(self) -> ResumableLoader:
        """Batches of noisy test images, in order."""
        return self._loader(self._evaluation_set(), self.stages["test"])

    def plain_loader(self, rows: Rows) -> ResumableLoader:
        """Whole batches of these rows with annotations, in order; on every process the same."""
        return self._plain(self._evaluation_set(), rows)

    def training_set(self, *, augmented: bool = True) -> AnnotatedDataset:
        """Return what training samples come from, their clean images augmented or as they are."""
        return AnnotatedDataset(
            self.gridded,
            self.annotator,
            redraw=self.redraw,
            augment=self.augment if augmented else (),
            seed=self.seed,
        )

    def shown(self, index: int) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8] | None]:
        """Return a noisy image, as a test sees it, and its mask."""
        _, noisy, _ = self._evaluation_set().pair(index)
        return noisy.image, noisy.mask

    def _evaluation_set(self) -> AnnotatedDataset:
        return AnnotatedDataset(
            self.gridded, self.annotator, redraw=False, keep_truth=True, groups=self.groups
        )

    def _needs_grid(self) -> bool:
        return self.trainer is None or self.trainer.state.fn != "predict"
