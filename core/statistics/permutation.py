"""Could a mean come from chance alone? By permutation, exactly where samples are small."""

from __future__ import annotations

from math import nan
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Array = NDArray[np.float64]

_DRAWS: Final = 9999  # at least 2^13: all sign flips of up to 13 values, exactly
_ROUNDING: Final = 1e-12


def permutation_p(samples: tuple[Array, ...]) -> float:
    """Return the two-sided p value of one sample's mean, or of the difference of two means.

    Args:
        samples: One (S,), whose signs chance could have turned, or two, whose labels it could have
            swapped.

    Returns:
        0..1; NaN for a sample of fewer than two.
    """
    if min(map(len, samples)) < 2:
        return nan
    if len(samples) == 1:
        return _sign_flip_p(samples[0])
    found = stats.permutation_test(
        samples,
        lambda a, b, axis: a.mean(axis) - b.mean(axis),
        vectorized=True,
        n_resamples=_DRAWS,
        batch=1000,
        rng=np.random.default_rng(0),
    )
    return float(found.pvalue)


def _sign_flip_p(values: Array) -> float:
    """Return the two-sided p value of the mean of values (S,) whose signs are arbitrary."""
    number, is_exact = len(values), 2 ** len(values) <= _DRAWS
    if is_exact:
        flipped = np.arange(2**number)[:, None] >> np.arange(number) & 1
    else:
        flipped = np.random.default_rng(0).integers(0, 2, (_DRAWS, number), dtype=np.int8)
    sums = np.abs(values.sum() - 2 * flipped.astype(float) @ values)
    as_far = np.count_nonzero(sums >= abs(values.sum()) - _ROUNDING * np.abs(values).sum())
    return as_far / len(flipped) if is_exact else (as_far + 1) / (_DRAWS + 1)
