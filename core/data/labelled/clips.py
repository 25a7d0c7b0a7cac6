"""Clips: some frames of a sequence as one sample."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch.utils.data import Dataset

from core.data.dataset import GridDataset
from core.data.loader import Sample, SampleKey

Rows = npt.NDArray[np.int64]


class Clips(Dataset[Sample]):
    """Gives for the first row of each sequence a clip of its frames, all augmented by one draw.

    They are augmented alike as far as a transform draws without looking at the pixels.

    Args:
        frames: Where frames come from.
        rows: The rows that are used, in order of time within a sequence.
        sequences: Sequence of each of these rows.
        length: Frames of a clip; a sequence of fewer gives some twice.
        jitter: Draw from (seed, epoch, row) where in each stretch the frame is taken; False takes
            its middle.
        seed: Of these draws.

    Attributes:
        first_rows: First row of each sequence, which stands for it.
    """

    def __init__(
        self,
        frames: GridDataset,
        rows: Rows,
        sequences: npt.NDArray[Any],
        length: int,
        *,
        jitter: bool = False,
        seed: int = 0,
    ) -> None:
        self.frames, self.length, self.jitter, self.seed = frames, length, jitter, seed
        parts: dict[Any, list[int]] = {}
        for row, sequence in zip(rows.tolist(), sequences.tolist(), strict=True):
            parts.setdefault(sequence, []).append(row)
        self._rows = {part[0]: part for part in parts.values()}
        self.first_rows = list(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, key: SampleKey) -> Sample:
        """Return the clip of this key: `image` (length, C, h, w), all else as of its first row."""
        rows = self._rows[key.row]
        samples = [self.frames.sample(rows[place], key) for place in self._places(len(rows), key)]
        first = self.frames.sample(key.row, key)
        return first | {"image": torch.stack([sample["image"] for sample in samples])}

    def _places(self, frames: int, key: SampleKey) -> Rows:
        """Return one frame of each of equally long stretches of the sequence."""
        offset = np.full(self.length, 0.5)
        if self.jitter:
            words = [self.seed, key.epoch, key.row, key.turn]
            offset = np.random.default_rng(words).random(self.length)
        places = (np.arange(self.length) + offset) * frames / self.length
        return np.asarray(places, np.int64)
