"""Confidence intervals that know that images of one subject resemble one another."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

_DRAWS: Final = 1000
_FEWEST_SUBJECTS: Final = 5  # fewer give intervals that are far too narrow
_TAILS: Final = (0.025, 0.975)


def subject_intervals(
    values: pd.DataFrame, subjects: pd.Series, *, seed: int = 0
) -> dict[str, tuple[float, float]]:
    """Return 95 % percentile-bootstrap intervals of column means, resampling whole subjects.

    Davison and Hinkley, Bootstrap Methods and their Application (1997), sections 3.8 and 5.3.

    Args:
        values: (N, columns), one row an image; NaN where an image does not count in a column.
        subjects: (N,), who each image is of.
        seed: Of the resampling; the same seed gives the same intervals.

    Returns:
        Low and high end for each column; nothing for a column with values of fewer than five
        subjects.
    """
    by_subject = values.groupby(subjects.to_numpy(), sort=True)
    sums, counts = by_subject.sum().to_numpy(), by_subject.count().to_numpy()
    picks = np.random.default_rng(seed).multinomial(
        len(sums), np.full(len(sums), 1 / len(sums)), size=_DRAWS
    )
    enough = (counts > 0).sum(axis=0) >= _FEWEST_SUBJECTS
    intervals = {}
    for column, name in enumerate(values.columns):
        if enough[column]:
            images = picks @ counts[:, column]
            means = (picks @ sums[:, column])[images > 0] / images[images > 0]
            low, high = np.quantile(means, _TAILS)
            intervals[str(name)] = (float(low), float(high))
    return intervals
