"""How far two masks of one image agree: Dice, IoU, precision, recall and accuracy."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from core.metrics.masks import Mask, as_pair


class Overlap(NamedTuple):
    """Areas of two masks in pixels, and the ratios between them, each 0..1."""

    truth_px: int
    prediction_px: int
    dice: float
    iou: float
    precision: float
    recall: float
    accuracy: float


def overlap(prediction: Mask, truth: Mask) -> Overlap:
    """Score the overlap of two masks of one image.

    Dice, IoU, precision and recall are 1 where both masks are empty and 0 where exactly one is: the
    rule of the Kaggle nerve contest for Dice, kept for the other three so that their means are over
    the same images. Accuracy is the share of all pixels, background too, on which the masks agree.

    Args:
        prediction: Mask (H, W), bool or uint8; whatever is not 0 is foreground.
        truth: Mask of the same shape.

    Raises:
        InputError: If either is not a mask, or the shapes differ.
    """
    prediction, truth = as_pair(prediction, truth)
    predicted, true = int(np.count_nonzero(prediction)), int(np.count_nonzero(truth))
    if predicted + true == 0:
        return Overlap(0, 0, 1.0, 1.0, 1.0, 1.0, 1.0)
    shared = int(np.count_nonzero(prediction & truth))
    return Overlap(
        truth_px=true,
        prediction_px=predicted,
        dice=2 * shared / (predicted + true),
        iou=shared / (predicted + true - shared),
        precision=shared / max(predicted, 1),  # shared is 0 where either is empty
        recall=shared / max(true, 1),
        accuracy=(truth.size - predicted - true + 2 * shared) / truth.size,
    )
