"""Pixel-wise ROC and its area over a whole test set, in constant memory.

Scores fall into buckets by the leading bits of float32, which is a logarithmic scale: from 0 up to
1/2 and, mirrored, from 1 down to 1/2, because a network puts nearly all pixels close to the two
ends. An octave of the distance to the nearer end has 2048 buckets; scores of one bucket count as
tied. Scores that all lie within a few thousandths of one value, as those of an untrained network
may, are told apart less well.
"""

from __future__ import annotations

from math import nan
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torchmetrics import Metric

from core.checks import require

Array = Tensor | NDArray[Any]
FloatArray = NDArray[np.float64]
Counts = NDArray[np.int64]

DROPPED_BITS = 12
HALF_BUCKETS = (0x3F000000 >> DROPPED_BITS) + 1  # 0x3F000000 are the bits of 0.5


class PixelAUC(Metric):
    """Area under the ROC curve over all pixels seen, for usual scores within 1e-6 of the exact one.

    Holds two histograms (8 MB) whatever the number of pixels, and adds them up over ranks. The area
    is NaN as long as the truth has shown only one of the two classes.
    """

    full_state_update = False
    higher_is_better = True
    counts: Tensor

    def __init__(self) -> None:
        super().__init__()
        histograms = torch.zeros(2, 2 * HALF_BUCKETS, dtype=torch.int64)
        self.add_state("counts", histograms, dist_reduce_fx="sum")

    def update(self, scores: Array, truth: Array) -> None:
        """Count the pixels of one image or of several.

        Args:
            scores: Probabilities 0..1, floating point (compared in float32), any shape.
            truth: Same shape; whatever is not 0 is foreground.

        Raises:
            InputError: If the shapes differ or a score is not in 0..1.
        """
        flat, positive = _checked(scores, truth, self.device)
        buckets = _buckets(flat).add_(positive, alpha=2 * HALF_BUCKETS)
        one = torch.ones((), dtype=torch.int64, device=self.device)
        self.counts.view(-1).index_add_(0, buckets, one.expand(len(buckets)))

    def compute(self) -> Tensor:
        """Return the area under the curve, a float32 scalar; NaN where only one class was seen."""
        area = area_under_roc(self._histograms())
        return torch.tensor(area, dtype=torch.float32, device=self.device)

    def curve(self, points: int = 500) -> tuple[FloatArray, FloatArray]:
        """Return (fpr, tpr) over all ranks; under DDP every rank has to call this."""
        with self.sync_context(dist_sync_fn=self.dist_sync_fn):
            histograms = self._histograms()
        return roc_curve(histograms, points)

    def _histograms(self) -> Counts:
        """Return the counts (2, n) of negatives and positives in the n buckets seen, by score."""
        counts = self.counts.cpu().numpy()
        seen = np.flatnonzero(counts[0] | counts[1])
        low, high = np.split(seen, [np.searchsorted(seen, HALF_BUCKETS)])
        rising: Counts = counts[:, np.concatenate([low, high[::-1]])]
        return rising


def area_under_roc(counts: Counts) -> float:
    """Return the share of (negative, positive) pairs in the right order; a tie counts one half.

    Args:
        counts: Histograms (2, buckets) of the negatives' and the positives' scores, rising.

    Returns:
        The area, 0..1; NaN where there are no negatives or no positives.
    """
    negatives, positives = counts.astype(np.float64)
    pairs = negatives.sum() * positives.sum()
    if pairs == 0:
        return nan
    negatives_below = np.cumsum(negatives) - negatives / 2
    return float(positives @ negatives_below / pairs)


def roc_curve(counts: Counts, points: int = 500) -> tuple[FloatArray, FloatArray]:
    """Return a ROC curve for plotting, from (0, 0) to (1, 1), thinned evenly along its course.

    Args:
        counts: Histograms (2, buckets) of the negatives' and the positives' scores, rising.
        points: About how many points to keep.

    Returns:
        False positive rate and true positive rate, both rising; NaN where only one class was seen.
    """
    above = np.pad(np.cumsum(counts[:, ::-1], axis=1), ((0, 0), (1, 0)))
    totals = above[:, -1:]
    if not totals.all():
        return np.full(2, nan), np.full(2, nan)
    fpr, tpr = above / totals
    kept = np.unique(np.searchsorted(fpr + tpr, np.linspace(0, 2, points)))
    return fpr[kept], tpr[kept]


def _checked(scores: Array, truth: Array, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return scores (float32) and truth (0 or 1, int32), both flat, or say what is wrong."""
    probabilities, positive = torch.as_tensor(scores), torch.as_tensor(truth)
    require(probabilities.is_floating_point(), "scores", "floating point", probabilities)
    same = probabilities.shape == positive.shape
    require(same, "scores", f"the truth's shape {tuple(positive.shape)}", probabilities)
    flat = probabilities.to(device, torch.float32).reshape(-1)
    if len(flat):
        least, largest = torch.aminmax(flat)  # NaN if any is
        require(bool((least >= 0) & (largest <= 1)), "scores", "probabilities in 0..1", flat)
    return flat, positive.to(device, torch.bool).reshape(-1).int()


def _buckets(scores: Tensor) -> Tensor:
    """Return each score's bucket: by its distance to the nearer end, the upper half behind.

    Whole passes over int32 are several times faster than comparisons, which make bool tensors.
    """
    distance = 1 - scores
    upper = (distance - 0.5).view(torch.int32) >> 31  # the sign: -1 above one half, or 0
    torch.minimum(distance, scores, out=distance)
    bits = distance.abs_().view(torch.int32)  # abs turns -0.0 into 0
    bits >>= DROPPED_BITS
    return bits.sub_(upper, alpha=HALF_BUCKETS)
