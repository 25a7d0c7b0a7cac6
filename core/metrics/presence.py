"""Image-level rates: is there a nerve, and does the prediction say so?

The measures behind Tables 1 and 2 of the nerve paper (noisy activations). With e the share of empty
images, FP and FN the two rates and Dice_TP the Dice of the true positives,

    mean Dice = e (1 - FP) + (1 - e) (1 - FN) Dice_TP.
"""

from __future__ import annotations

from math import nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


def presence_rates(
    truth_px: FloatArray, prediction_px: FloatArray, dice: FloatArray
) -> dict[str, float]:
    """Sum up the columns of a per-image table.

    Args:
        truth_px: Foreground pixels of each truth (N,).
        prediction_px: Foreground pixels of each prediction (N,).
        dice: Dice of each image (N,), 1 where both are empty and 0 where one is.

    Returns:
        Each NaN where there is no image that it speaks of:
        `dice`: mean over all images, the measure of the Kaggle contest;
        `dice_all_empty`: what "no nerve anywhere" would score: the share of empty images;
        `false_negative_rate`: share of the images with a nerve that are predicted empty;
        `false_positive_rate`: share of the empty images that are predicted non-empty;
        `dice_true_positive`: mean Dice over the images that are non-empty in both;
        `zero_overlap_rate`: share of the images with a nerve of which no pixel is found (the
        "total miss" of the median nerve paper's discussion).
    """
    nerve, found = truth_px > 0, prediction_px > 0
    return {
        "dice": mean(dice),
        "dice_all_empty": mean(~nerve),
        "false_negative_rate": mean(~found[nerve]),
        "false_positive_rate": mean(found[~nerve]),
        "dice_true_positive": mean(dice[nerve & found]),
        "zero_overlap_rate": mean(dice[nerve] == 0),
    }


def outcomes(truth_px: NDArray[Any], prediction_px: NDArray[Any]) -> NDArray[np.str_]:
    """Name each image's outcome (N,): TP both non-empty, FN missed, FP invented, TN both empty."""
    nerve, found = truth_px > 0, prediction_px > 0
    return np.where(nerve, np.where(found, "TP", "FN"), np.where(found, "FP", "TN"))


def mean(values: NDArray[np.float64] | NDArray[np.bool_]) -> float:
    """Return the mean of those values (N,) that are not NaN, and NaN where there is none."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else nan
