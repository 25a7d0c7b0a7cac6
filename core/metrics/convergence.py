"""After how many epochs a training has converged, read off its validation curve."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from core.checks import require


def epochs_to_converge(values: ArrayLike, *, tolerance: float = 0.01) -> int:
    """Count the epochs up to the first whose value is within a tolerance of the best of all.

    The nerve paper (Figs. 5, 6) plots the number of epochs at convergence and leaves the criterion
    open. Unlike the epoch of the best value, this one stays where it is when a long flat tail
    improves on itself by a hair; the tolerance says how much such a hair may be.

    Args:
        values: One value an epoch (E,), larger is better, such as the validation Dice; NaN for
            epochs without validation.
        tolerance: How far below the best value counts as converged, in units of the value; 0 asks
            for the best itself.

    Returns:
        Number of epochs trained when the value was first reached: 1 for the first epoch.

    Raises:
        InputError: If there is no value but NaN, or the tolerance is negative.
    """
    curve = np.asarray(values, dtype=np.float64)
    require(
        curve.ndim == 1 and np.isfinite(curve).any(), "values", "one finite value or more", curve
    )
    require(tolerance >= 0, "tolerance", "0 or more", tolerance)
    return int(np.argmax(curve >= np.nanmax(curve) - tolerance)) + 1
