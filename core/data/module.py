"""The DataModule: a source, a split, a grid, and how to load them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import albumentations
import numpy as np
import numpy.typing as npt
from lightning.pytorch import LightningDataModule
from torch.utils.data import Dataset

from core.annotations import Annotator
from core.checks import require
from core.data.cache import CachedSource
from core.data.contradictions import Contradictions
from core.data.dataset import GridDataset
from core.data.loader import EpochSampler, ResumableLoader, Sample
from core.data.select import Selection, group_names, selected_rows
from core.data.sources.base import Source
from core.data.splits import Split
from core.dicom.pixels import Pixels
from core.grids import Grid

Rows = npt.NDArray[np.int64]


class ImageData(LightningDataModule):
    """Images of one source, split into stages, on a network's grid.

    Args:
        source: Where samples come from.
        split: Which rows are for training, validation and test.
        size: Rows and columns of the network's grid.
        batch_size: Images in a batch of one process.
        seed: Seeds order and augmentation.
        select: Column of the source's table to the value, or values, that rows must have there;
            the others are left out before the split: {"device": "HM70A", "region": "wrist"}.
        group_by: Columns whose values name the group of an image; a test is also measured group by
            group.
        keep_aspect: Keep an image's aspect, the rest black; False stretches it to the grid.
        shrink: "area" averages when an image is made smaller, "cubic" samples.
        channels: 1 for grey images, 3 for colour.
        augment: Albumentations transforms for training images, applied on the network's grid.
        leave_out: Finds training images whose label contradicts that of a near-duplicate, and
            leaves them out.
        images_per_epoch: Training images of an epoch, of all processes together: fewer than there
            are, or more, which then come again; None for each once. The same number makes trainings
            on sets of any size equally long.
        workers: Loading processes; 0 loads in the main one: with the cache, fastest on few cores.
        cache_dir: Where decoded images are kept; None decodes each time.
        annotate: What is put on the test images, to see how a model bears it: the name of a kind
            of annotation ("radial_line"), several names, or an annotator.

    Attributes:
        original: The source as given.
        source: The source, cached.
        groups: Name of each row's group; empty without `group_by`.
        labels: Class of each row; empty where the images have none.
        stages: Stage name to row indices, once `setup` has run.
    """

    def __init__(
        self,
        *,
        source: Source,
        split: Split,
        size: tuple[int, int],
        batch_size: int,
        seed: int = 0,
        select: Selection | None = None,
        group_by: Sequence[str] = (),
        keep_aspect: bool = False,
        shrink: Literal["area", "cubic"] = "area",
        channels: Literal[1, 3] = 1,
        augment: Sequence[albumentations.BasicTransform] = (),
        leave_out: Contradictions | None = None,
        images_per_epoch: int | None = None,
        workers: int = 0,
        cache_dir: Path | None = Path("cache"),
        annotate: str | list[str] | Annotator | None = None,
    ) -> None:
        super().__init__()
        require(batch_size > 0, "data.batch_size", "a positive number", batch_size)
        enough = images_per_epoch is None or images_per_epoch > 0
        require(enough, "data.images_per_epoch", "a positive number", images_per_epoch)
        require(workers >= 0, "data.workers", "0 or more", workers)
        self.original = source
        self.split, self.batch_size, self.seed = split, batch_size, seed
        self.grid = Grid(size=size, keep_aspect=keep_aspect, shrink=shrink)
        self.channels, self.augment, self.workers = channels, augment, workers
        self.leave_out, self.select = leave_out, select or {}
        self.images_per_epoch = images_per_epoch
        self.annotate = None if annotate is None else as_annotator(annotate)
        self.groups = group_names(source.table, group_by)
        self.labels: Sequence[str] = ()
        self.stages: dict[str, Rows] = {}
        base = self._base()
        self.source = base if cache_dir is None else CachedSource(base, cache_dir)

    @property
    def fingerprint(self) -> str:
        """Hex digest that changes with anything that a run learns from."""
        return self.source.fingerprint

    def prepare_data(self) -> None:
        """Decode everything once; on one process of each machine, before the others look."""
        if isinstance(self.source, CachedSource):
            self.source.build()

    def setup(self, stage: str) -> None:
        """Split the source; a prediction takes all of it."""
        if stage == "predict":
            self.stages = {"predict": np.arange(len(self.source))}
        elif not self.stages:
            rows = selected_rows(self.source.table, self.select)
            stages = self.split(self.source.table.iloc[rows].reset_index(drop=True))
            self.stages = {name: rows[places] for name, places in stages.items()}
            if self.leave_out is not None:
                self.stages["train"] = self.leave_out.clean(self.source, self.stages["train"])

    def train_dataloader(self) -> ResumableLoader:
        """Batches of augmented training images, shuffled anew each epoch."""
        dataset, count = self._dataset(augment=self.augment), self.images_per_epoch
        rows = self.stages["train"]
        return self._loader(dataset, rows, shuffle=True, per_epoch=count, repeat=True)

    def val_dataloader(self) -> ResumableLoader:
        """Batches of validation images, in order."""
        return self._loader(self._dataset(keep_truth=True), self.stages["val"])

    def test_dataloader(self) -> ResumableLoader:
        """Batches of test images, in order."""
        dataset = self._dataset(keep_truth=True, annotate=self.annotate)
        return self._loader(dataset, self.stages["test"])

    def predict_dataloader(self) -> ResumableLoader:
        """Batches of all images, in order."""
        return self._loader(self._dataset(), self.stages["predict"])

    def plain_loader(self, rows: Rows) -> ResumableLoader:
        """Whole batches of these rows, not augmented, in order; the same ones on every process."""
        return self._plain(self._dataset(), rows)

    def sample_rows(self, stage: str) -> Rows:
        """Return one row for each sample of a stage."""
        return self.stages[stage]

    def shown(self, index: int) -> tuple[Pixels, Pixels | None]:
        """Return an image as a test sees it, (H, W) or (H, W, 3) uint8, and its mask if any."""
        sample = self.source[index]
        image = sample["image"]
        if self.annotate is not None:
            image = self.annotate.annotate(image, index).image
        return image, sample.get("mask")

    def _base(self) -> Source:
        """Return what is cached, and what all samples come from."""
        return self.original

    def _dataset(
        self,
        *,
        augment: Sequence[albumentations.BasicTransform] = (),
        keep_truth: bool = False,
        annotate: Annotator | None = None,
    ) -> GridDataset:
        return GridDataset(
            self.source,
            grid=self.grid,
            channels=self.channels,
            augment=augment,
            keep_truth=keep_truth,
            annotate=annotate,
            groups=self.groups,
            labels=self.labels,
            seed=self.seed,
        )

    def _plain(self, dataset: Dataset[Sample], rows: Rows) -> ResumableLoader:
        whole = len(rows) - len(rows) % self.batch_size  # a batch of one has no statistics
        sampler = EpochSampler(rows[: whole or None], batch_size=self.batch_size, shuffle=False)
        return ResumableLoader(dataset, sampler)

    def _loader(
        self,
        dataset: Dataset[Sample],
        rows: Rows,
        *,
        shuffle: bool = False,
        per_epoch: int | None = None,
        repeat: bool = False,
    ) -> ResumableLoader:
        trainer = self.trainer
        sampler = EpochSampler(
            rows,
            batch_size=self.batch_size,
            shuffle=shuffle,
            seed=self.seed,
            rank=trainer.global_rank if trainer else 0,
            world_size=trainer.world_size if trainer else 1,
            per_epoch=per_epoch,
            repeat=repeat,
        )
        return ResumableLoader(dataset, sampler, workers=self.workers)


def as_annotator(kinds: str | list[str] | Annotator) -> Annotator:
    """Return the annotator that a kind's name, or several, stand for."""
    if isinstance(kinds, Annotator):
        return kinds
    return Annotator([kinds] if isinstance(kinds, str) else kinds)
