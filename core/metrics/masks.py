"""The door that every pair of masks passes before it is scored."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.checks import require

BoolArray = NDArray[np.bool_]
Mask = NDArray[np.bool_] | NDArray[np.uint8]


def as_pair(prediction: Mask, truth: Mask) -> tuple[BoolArray, BoolArray]:
    """Check two masks of one image and return them as bool, without a copy where they are bool.

    Args:
        prediction: Mask (H, W), bool or uint8; whatever is not 0 is foreground.
        truth: Mask of the same shape.

    Raises:
        InputError: If either is not a 2-D mask of bool or uint8, or the shapes differ.
    """
    for name, mask in (("prediction", prediction), ("truth", truth)):
        is_mask = isinstance(mask, np.ndarray) and mask.ndim == 2 and mask.dtype in (bool, np.uint8)
        require(is_mask, name, "a NumPy mask (H, W) of bool or uint8", mask)
    same = prediction.shape == truth.shape
    require(same, "prediction", f"the truth's shape {truth.shape}", prediction)
    return _as_bool(prediction), _as_bool(truth)


def _as_bool(mask: Mask) -> BoolArray:
    """Return the mask as bool: itself, or where it is not 0."""
    return np.asarray(mask, dtype=np.bool_)
