"""The DataModule of labelled frames, and of clips of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from torch.utils.data import Dataset

from core.checks import nearest, require
from core.data.dataset import GridDataset
from core.data.digests import digest
from core.data.gridded import GriddedSource
from core.data.labelled.clips import Clips
from core.data.loader import ResumableLoader, Sample
from core.data.module import ImageData, Rows
from core.data.random_graphics import RandomGraphics
from core.data.sources.base import Source
from core.dicom.pixels import Pixels


class LabelledData(ImageData):
    """Frames of cines on the network's grid, each with the name of its class.

    Frames are laid on the network's grid before they are cached: hundreds of thousands of them fill
    a disk at their own size. Batches hold `label`, a list of names, beside the usual keys.

    Args:
        label_by: Column of the source's table that names the class.
        clip: Frames of a sample, taken evenly from one sequence: `image` is then (B, clip, C, h, w)
            and there is one sample a sequence. None for single frames, (B, C, h, w).
        options: As of `ImageData`.

    Raises:
        InputError: If the length of clips is no positive number, the source has no sequences to
            take them from, or random graphics, which each frame places anew, are to go on them; if
            annotations are asked for; when set up for anything but predictions, if the source has
            no such column.
    """

    def __init__(self, *, label_by: str = "view", clip: int | None = None, **options: Any) -> None:
        super().__init__(**options)
        require(self.annotate is None, "data.annotate", "none: it is for images with masks", "some")
        table = self.original.table
        self.label_by, self.clip = label_by, clip
        self.labels = table[label_by].astype(str).tolist() if label_by in table else ()
        if clip is not None:
            require(clip > 0, "data.clip", "a positive number of frames", clip)
            require("sequence" in table, "data.clip", "a source with a column 'sequence'")
            alike = not any(isinstance(each, RandomGraphics) for each in self.augment)
            wanted = "none beside data.clip: it places them anew on each frame"
            require(alike, "data.augment", wanted, "RandomGraphics")

    @property
    def fingerprint(self) -> str:
        """Hex digest of the frames and of all that the source says of them."""
        said = self.original.table.to_csv(index=False)
        return digest([super().fingerprint, said])

    def setup(self, stage: str) -> None:
        """Split the source; a prediction takes all of it, and needs no labels."""
        columns = [str(column) for column in self.original.table]
        hint = f"a column of the data: {', '.join(columns)}{nearest(self.label_by, columns)}"
        labelled = stage == "predict" or self.label_by in columns
        require(labelled, "data.label_by", hint, self.label_by)
        super().setup(stage)

    def sample_rows(self, stage: str) -> Rows:
        """Return one row for each sample of a stage: its frames, or of each sequence the first."""
        rows = self.stages[stage]
        if self.clip is None:
            return rows
        _, places = np.unique(self.original.table["sequence"].to_numpy()[rows], return_index=True)
        return np.sort(rows[places])

    def shown(self, index: int) -> tuple[Pixels, None]:
        """Return an image at its own size, (H, W) or (H, W, 3) uint8; there is no mask."""
        return self.original[index]["image"], None

    def statistics(self, rows: Rows) -> tuple[float, float]:
        """Return mean and standard deviation, of all pixels of these rows on the network's grid."""
        counts = np.zeros(256, np.int64)
        for row in rows:
            counts += np.bincount(self.source[int(row)]["image"].ravel(), minlength=256)
        levels = np.arange(256) / 255
        mean = float(counts @ levels / counts.sum())
        return mean, float(np.sqrt(counts @ (levels - mean) ** 2 / counts.sum()))

    def _base(self) -> Source:
        return GriddedSource(self.original, self.grid, channels=self.channels)

    def _plain(self, dataset: Dataset[Sample], rows: Rows) -> ResumableLoader:
        dataset, rows = self._clipped(dataset, rows)
        return super()._plain(dataset, rows)

    def _loader(
        self, dataset: Dataset[Sample], rows: Rows, *, shuffle: bool = False, **options: Any
    ) -> ResumableLoader:
        dataset, rows = self._clipped(dataset, rows, jitter=shuffle)
        return super()._loader(dataset, rows, shuffle=shuffle, **options)

    def _clipped(
        self, dataset: Dataset[Sample], rows: Rows, *, jitter: bool = False
    ) -> tuple[Dataset[Sample], Rows]:
        """Return what samples come from and their rows: frames, or clips by their first frame."""
        if self.clip is None or not isinstance(dataset, GridDataset):
            return dataset, rows
        sequences = self.original.table["sequence"].to_numpy()
        clips = Clips(dataset, rows, sequences[rows], self.clip, jitter=jitter, seed=self.seed)
        return clips, np.array(clips.first_rows)
