"""Form of a predicted structure: in how many masses it lies, and how elliptical the largest is."""

from __future__ import annotations

from math import nan
from typing import NamedTuple

import numpy as np

from core.metrics.masks import Mask, as_pair
from core.shapes import ellipticity, find_masses


class Form(NamedTuple):
    """What a prediction and its truth look like; two masses of a nerve may be a bifid one."""

    truth_masses: float
    prediction_masses: float
    prediction_ellipticity: float


UNKNOWN = Form(nan, nan, nan)


def form(prediction: Mask, truth: Mask) -> Form:
    """Measure the form of two masks of one image.

    Args:
        prediction: Mask (H, W), bool or uint8; whatever is not 0 is foreground.
        truth: Mask of the same shape.

    Returns:
        Masses without crumbs, as `core.shapes.mass_count` counts them, and the ellipticity of the
        prediction's largest mass, 0..1; NaN where nothing is predicted.

    Raises:
        InputError: If either is not a mask, or the shapes differ.
    """
    predicted, true = (find_masses(mask.view(np.uint8)) for mask in as_pair(prediction, truth))
    largest = ellipticity(predicted.only(1)) if predicted.count else nan
    return Form(true.count, predicted.count, largest)
