"""How well two ways to measure one quantity agree: Bland and Altman's limits of agreement."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan, sqrt
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtrit

from core.checks import require

FloatArray = NDArray[np.float64]
Interval = tuple[float, float]

NORMAL_95 = 1.96  # standard deviations to either side that hold 95 % of a normal distribution


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """Agreement of our values with the true ones, in the unit of the values.

    Attributes:
        pairs, subjects: How many pairs of values, of how many subjects.
        bias: Mean of ours minus truth.
        sd: Standard deviation of a single difference, between and within subjects.
        lower, upper: Limits of agreement, bias -+ 1.96 sd: 95 % of differences lie between.
        bias_ci, lower_ci, upper_ci: 95 % confidence intervals of the three.
        pearson_r: Correlation -1..1; NaN where either side is constant.
        concordance: Lin's concordance correlation -1..1: 1 only where all values are equal; NaN
            where both sides are one and the same constant.
    """

    pairs: int
    subjects: int
    bias: float
    sd: float
    lower: float
    upper: float
    bias_ci: Interval
    lower_ci: Interval
    upper_ci: Interval
    pearson_r: float
    concordance: float


def bland_altman(
    ours: ArrayLike, truth: ArrayLike, *, subjects: ArrayLike | None = None
) -> Agreement:
    """Measure the agreement of paired values.

    With subjects, the pairs of one count as repeated measures of a quantity that changes from pair
    to pair, as the area of a nerve along its course: the variance of a difference is the sum of
    the components between and within subjects, from a one-way analysis of variance, and the bias'
    standard error is that of clustered data. Images of one subject resemble one another; leaving
    that out makes the intervals too narrow. With one pair a subject all formulas are the plain
    ones. The limits' intervals rest on the variance of the estimated sd (delta method) and are
    symmetric: somewhat narrow outwards where there are few subjects.

    Args:
        ours: Measured values (N,), finite; pairs that are undefined are left out by the caller.
        truth: The true values (N,), or those of the other method, in the same unit.
        subjects: Who each pair is of (N,); None if each pair is of another subject.

    Raises:
        InputError: If the numbers of values differ, a value is not finite, or there are fewer than
            two subjects.

    References:
        Bland and Altman, Lancet 1986;327:307, and Stat Methods Med Res 1999;8:135, Section 2 and
        Appendix (limits and their standard errors).
        Bland and Altman, J Biopharm Stat 2007;17:571, Section 3 (true value varies).
        Lin, Biometrics 1989;45:255 (concordance).
    """
    ours, truth = _finite(ours, "ours"), _finite(truth, "truth")
    require(ours.shape == truth.shape, "ours", f"one value a true one, {len(truth)}", ours)
    cluster = np.arange(len(ours)) if subjects is None else _numbers(subjects, len(ours))
    require(cluster.max(initial=0) > 0, "subjects", "two or more, for their scatter")
    bias, sd, bias_error, limit_error = _moments(ours - truth, cluster)
    lower, upper = bias - NORMAL_95 * sd, bias + NORMAL_95 * sd
    student = float(stdtrit(cluster.max(), 0.975))
    return Agreement(
        pairs=len(ours),
        subjects=int(cluster.max()) + 1,
        bias=bias,
        sd=sd,
        lower=lower,
        upper=upper,
        bias_ci=(bias - student * bias_error, bias + student * bias_error),
        lower_ci=(lower - student * limit_error, lower + student * limit_error),
        upper_ci=(upper - student * limit_error, upper + student * limit_error),
        pearson_r=_pearson(ours, truth),
        concordance=_concordance(ours, truth),
    )


def _moments(differences: FloatArray, cluster: NDArray[np.int64]) -> tuple[float, ...]:
    """Return bias, sd, and the standard errors of the bias and of either limit.

    Args:
        differences: (N,).
        cluster: Number 0..k-1 of each difference's subject (N,), each taken at least once.
    """
    bias = differences.mean()
    counts = np.bincount(cluster)
    pairs, subjects = len(cluster), len(counts)
    sums = np.bincount(cluster, differences - bias)
    residuals = differences - bias - (sums / counts)[cluster]
    size = (pairs - (counts**2).sum() / pairs) / (subjects - 1)  # 2007: effective pairs a subject
    between = (sums**2 / counts).sum() / (subjects - 1) / size
    within_freedom = max(pairs - subjects, 1)  # without repeats there are no residuals
    within = (1 - 1 / size) * (residuals**2).sum() / within_freedom
    variance = between + within
    bias_variance = (sums**2).sum() * subjects / (subjects - 1) / pairs**2
    spread = 2 * between**2 / (subjects - 1) + 2 * within**2 / within_freedom  # of the variance
    sd_variance = spread / (4 * variance) if variance > 0 else 0.0
    limit_variance = bias_variance + NORMAL_95**2 * sd_variance
    return float(bias), sqrt(variance), sqrt(bias_variance), sqrt(limit_variance)


def _pearson(ours: FloatArray, truth: FloatArray) -> float:
    """Return the correlation, NaN where either side is constant."""
    if not (np.ptp(ours) and np.ptp(truth)):
        return nan
    return float(_covariance(ours, truth) / (ours.std() * truth.std()))


def _concordance(ours: FloatArray, truth: FloatArray) -> float:
    """Return Lin's coefficient, with his moments over N, not N - 1."""
    if not np.ptp([ours, truth]):
        return nan
    scatter = ours.var() + truth.var() + (ours.mean() - truth.mean()) ** 2
    return float(2 * _covariance(ours, truth) / scatter)


def _covariance(ours: FloatArray, truth: FloatArray) -> Any:
    return ((ours - ours.mean()) * (truth - truth.mean())).mean()


def _finite(values: ArrayLike, name: str) -> FloatArray:
    """Return values (N,) as float64, or say that they are none."""
    array = np.asarray(values, dtype=np.float64)
    require(array.ndim == 1 and np.isfinite(array).all(), name, "finite numbers (N,)", array)
    return array


def _numbers(subjects: ArrayLike, pairs: int) -> NDArray[np.int64]:
    """Return each pair's subject as a number 0..k-1."""
    names = np.asarray(subjects)
    require(names.shape == (pairs,), "subjects", f"one a pair, {pairs}", str(names.shape))
    return np.unique(names, return_inverse=True)[1].astype(np.int64)
