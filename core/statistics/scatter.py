"""How much the trainings of one and the same method scatter."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping
from math import inf, nan
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd


class RunScatter(NamedTuple):
    """Variance of a run's value about its method's own, and the degrees of freedom it rests on.

    The variance is in the metric's unit squared; NaN, with 0 degrees of freedom, where no method
    was trained more than once.
    """

    variance: float
    df: float


SEED: Final = "seed_everything"
"""What a repetition is named by that has nothing in common with the same one of another method."""
_OWN_DF, _ALIKE_DF = 4, 2
"""Degrees of freedom from which on two methods' own scatter counts, or that of those like them."""
UNKNOWN: Final = RunScatter(nan, 0)
NONE: Final = RunScatter(0.0, inf)
"""What to compare with where only patients are to count, and no conclusion on methods is drawn."""


def run_scatter(values: pd.DataFrame, *, shared: bool = True) -> RunScatter:
    """Estimate the scatter of trainings: the residual mean square of methods x repetitions.

    A repetition's own effect, such as that of an easy fold, is common to all methods and taken out:
    value = method + repetition + residual, fitted by least squares to the cells there are. Seeds
    have no such effect, and to leave it in the model costs degrees of freedom. That the scatter is
    the same for all methods is assumed: a few trainings of each say too little of one alone.

    Args:
        values: (methods, repetitions), one value a run; NaN where there is no run.
        shared: Whether all methods share what a repetition is, as a fold; a seed is not shared.

    References:
        Montgomery, Design and Analysis of Experiments, 8th edition, Section 4.1 (two-way table
        with one observation a cell) and 4.1.4 (missing cells).
    """
    table = values.to_numpy(float)
    method, repetition = np.nonzero(~np.isnan(table))
    known = table[method, repetition]
    design = np.eye(table.shape[0])[method]
    if shared:
        design = np.hstack([design, np.eye(table.shape[1])[repetition]])
    df = len(known) - int(np.linalg.matrix_rank(design)) if len(known) else 0
    if df == 0:
        return UNKNOWN
    fitted = design @ np.linalg.lstsq(design, known)[0]
    return RunScatter(float(((known - fitted) ** 2).sum() / df), df)


def nearest_scatter(
    values: pd.DataFrame,
    own: Collection[Hashable],
    alike: Collection[Hashable],
    *,
    shared: bool,
) -> RunScatter:
    """Estimate the scatter of two methods' trainings from those that say most of it.

    Trainings scatter differently on another dataset, so that others are asked only where a method's
    own few say too little: first those on the same data, and only then all.

    Args:
        values: (methods, repetitions) of all, as for `run_scatter`.
        own: Names of the methods that are compared; their own 4 degrees of freedom are enough.
        alike: Of all that were trained on what both were, these included; 2 are enough.
        shared: See `run_scatter`.
    """
    for methods, enough in ((own, _OWN_DF), (alike, _ALIKE_DF)):
        found = run_scatter(values[values.index.isin([*methods])], shared=shared)
        if found.df >= enough:
            return found
    return run_scatter(values, shared=shared)


def share_repetitions(repeats: Iterable[Mapping[str, Any]]) -> bool:
    """Whether a method's repetitions differ in more than the seed: in what all share, as folds."""
    others = {repr({k: v for k, v in one.items() if k != SEED}) for one in repeats}
    return len(others) > 1
