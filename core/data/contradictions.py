"""Near-duplicate frames of one subject whose labels contradict each other.

Annotators of the Kaggle nerve set outlined the nerve in one frame and gave the next, which looks
the same, an empty mask. A network cannot learn from both.
"""

from __future__ import annotations

import logging
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd
from tqdm import tqdm

from core.checks import require
from core.data.signatures import SIGNATURES, Floats, Signature, cosine_distances
from core.data.sources.base import Source
from core.dicom.pixels import Pixels

Rows = npt.NDArray[np.int64]
Which = Literal["empty", "both"]

_CHUNK = 1024  # pairs of masks that are compared at once
_log = logging.getLogger(__name__)


class Contradictions:
    """What counts as a contradiction, and which images of one are left out.

    Args:
        leave_out: "empty" leaves out the image with the empty mask; "both" leaves out both, also
            where both masks hold something.
        signature: "thumbnail" compares block means, "strips" histograms; see
            `core.data.signatures`.
        threshold: Cosine distance below which two frames are near-duplicates; None takes the
            signature's own.
        max_dice: Dice coefficient of the two masks below which they contradict each other.
    """

    def __init__(
        self,
        *,
        leave_out: Which = "empty",
        signature: Signature = "thumbnail",
        threshold: float | None = None,
        max_dice: float = 0.2,
    ) -> None:
        require(leave_out in get_args(Which), "leave_out", "empty or both", leave_out)
        require(signature in SIGNATURES, "signature", " or ".join(SIGNATURES), signature)
        require(threshold is None or 0 < threshold <= 2, "threshold", "from 0 to 2", threshold)
        require(0 <= max_dice <= 1, "max_dice", "from 0 to 1", max_dice)
        self.leave_out, self.max_dice = leave_out, max_dice
        self.describe, own = SIGNATURES[signature]
        self.threshold = own if threshold is None else threshold

    def find(self, source: Source, rows: Rows | None = None) -> pd.DataFrame:
        """Return one line a pair, nearest first.

        Args:
            source: Its samples must have masks.
            rows: Rows to look at; None for all.

        Returns:
            Columns index_a, index_b, id_a, id_b, subject, distance (cosine), dice, and empty: the
            index of the one whose mask is empty, -1 if neither is.
        """
        rows = np.arange(len(source)) if rows is None else np.sort(rows)
        table = source.table
        subjects = table["subject"].iloc[rows].to_numpy()
        sweeps = [rows[subjects == subject] for subject in pd.unique(subjects)]
        progress = tqdm(sweeps, desc="comparing frames", unit="subject", delay=1, leave=False)
        pairs = pd.concat([self._of_sweep(source, sweep) for sweep in progress])
        ids = table["id"].to_numpy()
        pairs.insert(2, "id_a", ids[pairs["index_a"]])
        pairs.insert(3, "id_b", ids[pairs["index_b"]])
        pairs.insert(4, "subject", table["subject"].to_numpy()[pairs["index_a"]])
        return pairs.sort_values("distance", ignore_index=True)

    def clean(self, source: Source, rows: Rows) -> Rows:
        """Return these rows without those that are to be left out."""
        out = left_out(self.find(source, rows), self.leave_out)
        _log.info("%d of %d images left out: their labels are contradicted", len(out), len(rows))
        return np.setdiff1d(rows, out)

    def _of_sweep(self, source: Source, rows: Rows) -> pd.DataFrame:
        """Return the pairs among one subject's frames."""
        signatures, masks = self._described(source, rows)
        distances = cosine_distances(signatures)
        a, b = np.nonzero(np.triu(distances < self.threshold, 1))
        empty = np.asarray(~masks.any(axis=1))
        dice = _dice(masks, a, b)
        wrong = (empty[a] != empty[b]) | (dice < self.max_dice)
        a, b = a[wrong], b[wrong]
        return pd.DataFrame(
            {
                "index_a": rows[a],
                "index_b": rows[b],
                "distance": distances[a, b],
                "dice": dice[wrong],
                "empty": np.where(empty[a], rows[a], np.where(empty[b], rows[b], -1)),
            }
        )

    def _described(self, source: Source, rows: Rows) -> tuple[Floats, Pixels]:
        """Return signatures (n, k), and masks (n, bytes) of 8 pixels a byte."""
        signatures, masks = [], []
        for row in rows:
            sample = source[row]
            require("mask" in sample, "source", "masks to compare", "images without masks")
            signatures.append(self.describe(sample["image"]))
            masks.append(np.packbits(sample["mask"] > 0))
        return np.stack(signatures), _stacked(masks)


def left_out(pairs: pd.DataFrame, which: Which) -> Rows:
    """Return the sorted rows that these pairs cost: their empty ones, or both of each."""
    if which == "empty":
        return np.unique(pairs.loc[pairs["empty"] >= 0, "empty"].to_numpy(np.int64))
    return np.unique(pairs[["index_a", "index_b"]].to_numpy(np.int64))


def _stacked(masks: list[Pixels]) -> Pixels:
    """Stack packed masks; shorter ones, of smaller images, are filled up with background."""
    stack = np.zeros((len(masks), max(map(len, masks))), np.uint8)
    for row, mask in zip(stack, masks, strict=True):
        row[: len(mask)] = mask
    return stack


def _dice(masks: Pixels, a: Rows, b: Rows) -> npt.NDArray[np.float64]:
    """Return the Dice coefficient of each pair of packed masks; 1 where both are empty."""
    area = np.bitwise_count(masks).sum(axis=1, dtype=np.int64)
    both = [
        np.bitwise_count(masks[i] & masks[j]).sum(axis=1, dtype=np.int64)
        for i, j in ((a[k : k + _CHUNK], b[k : k + _CHUNK]) for k in range(0, len(a), _CHUNK))
    ]
    total = area[a] + area[b]
    return np.where(total == 0, 1.0, 2 * np.concatenate([[], *both]) / np.maximum(total, 1))
