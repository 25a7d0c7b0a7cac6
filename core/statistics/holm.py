"""Many tests at once: p values that keep the chance of any false finding."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def holm(p: Sequence[float]) -> list[float]:
    """Return p values adjusted for how many tests were made, by Holm's step-down method.

    To call significant what comes out below 0.05 keeps the chance of one false finding or more
    below 5 %, however the tests depend on each other.

    Args:
        p: Of each test, 0..1; NaN where nothing could be tested, which counts as no test.

    Returns:
        Adjusted values in the same order, at most 1; NaN stays NaN.

    References:
        Holm, Scandinavian Journal of Statistics 1979;6:65-70.
    """
    values = np.asarray(p, float)
    order = np.argsort(values)[: np.count_nonzero(~np.isnan(values))]  # NaN comes last
    adjusted = np.full(len(values), np.nan)
    factors = np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(values[order] * factors), 1.0)
    return adjusted.tolist()
