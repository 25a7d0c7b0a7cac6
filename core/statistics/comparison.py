"""Do two methods differ by more than patients and repeated trainings scatter?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan, nan, sqrt
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import stdtrit

from core.statistics.permutation import permutation_p
from core.statistics.scatter import RunScatter

Array = NDArray[np.float64]

FEWEST_SUBJECTS: Final = 6
"""Of fewer, 2 / 2^5 = 0.06 is the smallest p value that sign flips can give."""
_LEVEL: Final = 0.95
_SMALLEST: Final = 1e-9
"""P values are not told apart below."""


class Term(NamedTuple):
    """A part of the variance of a difference, and the degrees of freedom it rests on."""

    variance: float
    df: float


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """The mean of one method minus that of another, and what stands behind it.

    Attributes:
        first: Mean of the first, over subjects where images are known, else over runs.
        second: Mean of the second, times the factor that was asked for.
        difference: The first minus the second, in the metric's unit.
        low: Lower end of its 95 % interval; NaN where the scatter of trainings is unknown.
        high: Upper end.
        p_subjects: Could it come from which patients were tested? NaN where no images are known.
        p_runs: Could it come from which patients were tested and which trainings were drawn? NaN
            where the scatter of trainings is unknown.
        subjects: How many it rests on: those in common, or those of the side with fewer; 0 where no
            images are known.
        paired: Whether both were tested on the same subjects.
        runs: Trainings of either.
        terms: What the variance of the difference is made of.
    """

    first: float
    second: float
    difference: float
    low: float
    high: float
    p_subjects: float
    p_runs: float
    subjects: int
    paired: bool
    runs: tuple[int, int]
    terms: tuple[Term, ...] = ()

    @property
    def p(self) -> float:
        """The larger p value: a difference has to go beyond both; NaN where it is unknown."""
        if isnan(self.p_runs):
            return nan
        return self.p_runs if isnan(self.p_subjects) else max(self.p_runs, self.p_subjects)

    def p_beyond(self, within: float) -> float:
        """Return how sure it is that the difference is larger than `within`, of either sign.

        Below 0.05 where the 95 % interval lies outside of +-within; 1 where the difference itself
        lies in it; NaN where the scatter of trainings is unknown.
        """
        return _p_value(max(abs(self.difference) - within, 0.0), self.terms)


def subject_means(frame: pd.DataFrame) -> pd.Series:
    """Return each subject's mean over images and then over the runs that tested it.

    Args:
        frame: One row an image and run: run, subject, value; NaN where a value is undefined.
    """
    by_run = frame.dropna(subset=["value"]).groupby(["subject", "run"])["value"].mean()
    return by_run.groupby(level="subject").mean()


def compare(
    first: pd.DataFrame, second: pd.DataFrame, scatter: RunScatter, *, factor: float = 1.0
) -> Comparison:
    """Compare two methods by their values of images, which are of subjects.

    Two questions have to be answered by no. *Could it come from the patients?* Permutations of the
    subjects' means: sign flips of their differences, all of them for up to 13 subjects, else 9,999
    drawn ones. They test the mean difference itself, which is what tables show; Wilcoxon's signed
    ranks would test a median, and have to drop or rank by convention the zeros and ties that are
    common here (images that both methods leave empty). *Could it come from the trainings?* Other
    trainings of the same two methods would give other means, so that the variance of d has a part

        var(d) / S  of the subjects  and  (1 / R1 + factor^2 / R2) scatter  of the trainings.

    A few trainings know their scatter but roughly, and Satterthwaite's degrees of freedom make too
    much of a scatter that happens to come out small (11 % false findings for two methods in three
    trainings). So each part has its own quantile of t: d differs from 0 where

        d^2 > t(df1)^2 var1 + t(df2)^2 var2,

    which errs on the safe side whatever the variances are. What var(d) holds of the trainings'
    scatter counts twice, on the safe side, too. The interval is of this test.

    Where the sides were tested on different subjects (fewer than half of the smaller side in
    common), both parts are those of independent samples: permuted labels, and Welch's variance.

    Args:
        first: One row an image and run: run, subject, value; NaN where a value is undefined.
        second: The same of the other.
        scatter: Of the runs' values, see `run_scatter`.
        factor: What the second's values are multiplied by: is the first that many times larger?

    References:
        Fisher, The Design of Experiments (1935), Section 21, sign flips; Ernst, Statistical Science
        2004;19:676-685, permutation tests; Banerjee, Sankhya 1960;22:357-358, the interval.
    """
    a, b = subject_means(first), factor * subject_means(second)
    runs = first["run"].nunique(), second["run"].nunique()
    common = a.index.intersection(b.index)
    paired = 2 * len(common) >= min(len(a), len(b))
    if paired:
        a, b = a[common], b[common]
        samples: tuple[Array, ...] = ((a - b).to_numpy(float),)
    else:
        samples = a.to_numpy(float), b.to_numpy(float)
    return _comparison(
        (float(a.mean()), float(b.mean())),
        [_of_subjects(samples), _of_runs(scatter, runs, factor)],
        p_subjects=permutation_p(samples),
        subjects=min(len(a), len(b)),
        paired=paired,
        runs=runs,
    )


def compare_runs(
    first: Sequence[float], second: Sequence[float], scatter: RunScatter, *, factor: float = 1.0
) -> Comparison:
    """Compare two methods by a value of each run, where images have none: an area, an epoch.

    Says whether they differ beyond the scatter of trainings, on these patients. Trainings that do
    not scatter at all, as counts of few runs may, say nothing.

    Args:
        first: A value a run of one method.
        second: The same of the other.
        scatter: Of the runs' values, see `run_scatter`.
        factor: What the second's values are multiplied by.
    """
    runs = len(first), len(second)
    known = scatter if scatter.variance > 0 else RunScatter(nan, 0)
    means = float(np.mean(first)), factor * float(np.mean(second))
    term = _of_runs(known, runs, factor)
    return _comparison(means, [term], p_subjects=nan, subjects=0, paired=False, runs=runs)


def _comparison(means: tuple[float, float], terms: Sequence[Term], **known: Any) -> Comparison:
    """Put a difference and the parts of its variance into a test and its interval."""
    difference = means[0] - means[1]
    half = _half_width(1 - _LEVEL, terms)
    return Comparison(
        first=means[0],
        second=means[1],
        difference=difference,
        low=difference - half,
        high=difference + half,
        p_runs=_p_value(abs(difference), terms),
        terms=tuple(terms),
        **known,
    )


def _half_width(p: float, terms: Sequence[Term]) -> float:
    """Return the smallest difference that is significant at a level of p."""
    return sqrt(sum(float(stdtrit(df, p / 2)) ** 2 * variance for variance, df in terms))


def _p_value(difference: float, terms: Sequence[Term]) -> float:
    """Return the lowest level at which a difference is significant, of `_SMALLEST` or more."""
    widest = _half_width(_SMALLEST, terms)
    if isnan(widest) or isnan(difference):
        return nan
    if difference == 0:
        return 1.0
    if difference >= widest:
        return _SMALLEST
    return float(brentq(lambda p: _half_width(p, terms) - difference, _SMALLEST, 1, xtol=1e-12))


def _of_subjects(samples: tuple[Array, ...]) -> Term:
    """Return the variance of a mean, or of the difference of two (Welch)."""
    if min(map(len, samples)) < 2:
        return Term(nan, 0)
    parts = [(float(np.var(each, ddof=1)) / len(each), len(each) - 1) for each in samples]
    total = sum(variance for variance, _ in parts)
    squares = sum(variance**2 / df for variance, df in parts)
    return Term(total, total**2 / squares if squares > 0 else parts[0][1])


def _of_runs(scatter: RunScatter, runs: tuple[int, int], factor: float) -> Term:
    share = 1 / runs[0] + factor**2 / runs[1]
    return Term(share * scatter.variance, scatter.df)
