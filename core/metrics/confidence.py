"""Is something in an image at all? One number from a network's probabilities, and its worth."""

from __future__ import annotations

from math import sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.checks import require
from core.metrics.auc import area_under_roc
from core.metrics.presence import mean

FloatArray = NDArray[np.float64]

PRESENT: Final = 0.5
"""From this confidence on, something counts as present."""

_SIDE: Final = 512  # pixels, of the images that n speaks of


def confidence(scores: NDArray[np.float32], n: int = 30) -> FloatArray:
    """Return how sure it is that each kind is in the image: the mean of its highest probabilities.

    The original program calls an annotation present from 30 pixels on, in images of 512 x 512; this
    is the same decision without a threshold for pixels. One bright pixel does not suffice, and a
    large annotation is no surer than a small one. In images of other sizes the number of pixels
    grows and shrinks with the side, not the area, because annotations are drawn in thin lines: 30
    in an image of 128 x 128 would be more than a small cross has, and 2 would be noise.

    Args:
        scores: Probabilities (K, H, W) in 0..1.
        n: How many pixels count in an image of 512 x 512; n sqrt(H W) / 512, but at least one and
            at most all, in this one.

    Returns:
        (K,) in 0..1.

    Raises:
        InputError: If the scores have not three axes, there is no pixel, or n is not positive.

    References:
        The decision after github.com/GrandArth/UltrasonicImage-N2N-Approach, classifyTest.py.
    """
    require(scores.ndim == 3 and scores[0].size, "scores", "(K, H, W) with pixels", scores)
    require(n > 0, "n", "a positive number of pixels", n)
    flat = scores.reshape(len(scores), -1)
    pixels = flat.shape[1]
    counted = min(max(1, round(n * sqrt(pixels) / _SIDE)), pixels)
    highest = np.partition(flat, pixels - counted, axis=1)[:, pixels - counted :]
    return np.asarray(highest.mean(axis=1, dtype=np.float64))


def presence_measures(truth: NDArray[np.bool_], confidences: FloatArray) -> dict[str, float]:
    """Return how well confidences tell images with something from images without.

    Args:
        truth: (N,), whether it is there.
        confidences: (N,) in 0..1.

    Returns:
        `auc`: share of the pairs, one image with and one without, in the right order; a tie counts
        one half. `sensitivity`: share of the images with it of a confidence of 0.5 or more.
        `specificity`: share of those without it of less. NaN where there is no such image.
    """
    values, places = np.unique(confidences, return_inverse=True)
    counts = [np.bincount(places[of], minlength=len(values)) for of in (~truth, truth)]
    found = confidences >= PRESENT
    return {
        "auc": area_under_roc(np.stack(counts)),
        "sensitivity": mean(found[truth]),
        "specificity": mean(~found[~truth]),
    }
