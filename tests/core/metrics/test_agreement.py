"""Limits of agreement against published figures, SciPy, hand-worked cases and simulation."""

from math import isnan, sqrt

import numpy as np
import pytest
from scipy import stats

from core.checks import InputError
from core.metrics.agreement import bland_altman

# Bland and Altman 1986, Table 1: peak expiratory flow (l/min) of 17 subjects, first reading with a
# Wright and with a mini Wright meter.
WRIGHT = [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427]
MINI = [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451]


def test_bland_and_altmans_own_example():
    found = bland_altman(WRIGHT, MINI)
    assert (found.pairs, found.subjects) == (17, 17)
    assert found.bias == pytest.approx(-2.1, abs=0.05)
    assert found.sd == pytest.approx(38.8, abs=0.05)
    assert found.bias_ci == pytest.approx((-22.0, 17.8), abs=0.1)


def test_plain_limits_worked_by_hand():
    found = bland_altman([2, 2, 5, 5], [1, 2, 3, 4])  # differences 1, 0, 2, 1: variance 2/3
    sd, student = sqrt(2 / 3), stats.t.ppf(0.975, 3)
    assert found.bias == 1
    assert found.sd == pytest.approx(sd)
    assert (found.lower, found.upper) == pytest.approx((1 - 1.96 * sd, 1 + 1.96 * sd))
    assert found.bias_ci == pytest.approx((1 - student * sd / 2, 1 + student * sd / 2))
    reach = student * sd * sqrt(1 / 4 + 1.96**2 / (2 * 3))  # 1999, Appendix
    assert found.upper_ci == pytest.approx((found.upper - reach, found.upper + reach))
    assert found.lower_ci == pytest.approx((found.lower - reach, found.lower + reach))


def test_interval_of_the_bias_is_that_of_scipys_t_test():
    expected = stats.ttest_rel(WRIGHT, MINI).confidence_interval(0.95)
    assert bland_altman(WRIGHT, MINI).bias_ci == pytest.approx((expected.low, expected.high))


def test_correlation_is_scipys():
    found = bland_altman(WRIGHT, MINI)
    assert found.pearson_r == pytest.approx(stats.pearsonr(WRIGHT, MINI).statistic)


def test_concordance_worked_by_hand():
    # means 2 and 3, variances (over n) 2/3 both, covariance 2/3
    assert bland_altman([1, 2, 3], [2, 3, 4]).concordance == pytest.approx(
        2 * (2 / 3) / (4 / 3 + 1)
    )
    assert bland_altman([1, 2, 3], [1, 2, 3]).concordance == 1


def test_a_pair_a_subject_gives_the_plain_figures():
    assert bland_altman(WRIGHT, MINI, subjects=range(17)) == bland_altman(WRIGHT, MINI)


def test_repeated_measures_worked_by_hand():
    # differences of a: 0, 2, of b: 4, 6: mean squares 16 between (1 degree), 2 within (2 degrees)
    found = bland_altman([0, 2, 4, 6], [0, 0, 0, 0], subjects=["a", "a", "b", "b"])
    assert (found.pairs, found.subjects, found.bias) == (4, 2, 3)
    assert found.sd == pytest.approx(sqrt(2 + (16 - 2) / 2))
    student, bias_error = stats.t.ppf(0.975, 1), sqrt(16 / 4)  # mean square between / pairs
    assert found.bias_ci == pytest.approx((3 - student * bias_error, 3 + student * bias_error))
    spread = 2 * (16 / 2) ** 2 / 1 + 2 * (2 / 2) ** 2 / 2  # variance of the sd's square, 9
    reach = student * sqrt(bias_error**2 + 1.96**2 * spread / (4 * 9))
    assert found.upper_ci == pytest.approx((found.upper - reach, found.upper + reach))


def test_unequal_numbers_of_repeats_take_bland_and_altmans_divisor():
    differences, subjects = [0, 2, 4, 4, 7, 9], [0, 0, 1, 2, 2, 2]
    groups = [[0, 2], [4], [4, 7, 9]]
    grand = np.mean(differences)
    between = sum(len(g) * (np.mean(g) - grand) ** 2 for g in groups) / 2
    within = sum(((np.array(g) - np.mean(g)) ** 2).sum() for g in groups) / 3
    divisor = (6**2 - (2**2 + 1 + 3**2)) / (2 * 6)
    found = bland_altman(differences, np.zeros(6), subjects=subjects)
    assert found.sd == pytest.approx(sqrt(within + (between - within) / divisor))


def test_copies_of_a_subjects_pair_do_not_narrow_the_intervals():
    once = bland_altman(WRIGHT, MINI)
    often = bland_altman(
        np.repeat(WRIGHT, 20), np.repeat(MINI, 20), subjects=np.repeat(range(17), 20)
    )
    assert often.bias_ci == pytest.approx(once.bias_ci)
    assert often.upper_ci == pytest.approx(once.upper_ci)
    assert often.sd == pytest.approx(once.sd)


@pytest.mark.parametrize("subjects", [25, 80])
def test_intervals_hold_the_truth_in_about_95_of_100_simulated_studies(subjects):
    rng, held = np.random.default_rng(0), []
    sizes = rng.integers(2, 7, subjects)
    names = np.repeat(range(subjects), sizes)
    upper = 0.3 + 1.96 * sqrt(0.8**2 + 0.5**2)
    for _ in range(600):
        differences = 0.3 + rng.normal(0, 0.8, subjects)[names] + rng.normal(0, 0.5, len(names))
        found = bland_altman(differences, np.zeros(len(names)), subjects=names)
        held.append([
            found.bias_ci[0] < 0.3 < found.bias_ci[1],
            found.upper_ci[0] < upper < found.upper_ci[1],
        ])  # fmt: skip
    assert np.mean(held, axis=0) == pytest.approx([0.95, 0.95], abs=0.03)


def test_equal_values_agree_fully():
    found = bland_altman([3, 4, 5], [3, 4, 5])
    assert (found.bias, found.sd, found.lower, found.upper) == (0, 0, 0, 0)
    assert (found.pearson_r, found.upper_ci) == (pytest.approx(1), (0, 0))


def test_correlations_of_constants_are_undefined():
    found = bland_altman([0.1, 0.1, 0.1], [0.1, 0.1, 0.1])
    assert isnan(found.pearson_r)
    assert isnan(found.concordance)
    assert isnan(bland_altman([0.1, 0.1, 0.1], [1, 2, 3]).pearson_r)
    assert bland_altman([0.1, 0.1, 0.1], [1, 2, 3]).concordance == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1, np.nan], [1, 2]), r"ours: expected finite numbers \(N,\), got array"),
        (([1, 2], [1, np.inf]), r"truth: expected finite numbers"),
        (([1, 2, 3], [1, 2]), "ours: expected one value a true one, 2, got array"),
        (([1], [1]), "subjects: expected two or more, for their scatter"),
        (([], []), "subjects: expected two or more"),
    ],
)
def test_values_that_cannot_be_compared_are_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        bland_altman(*arguments)


@pytest.mark.parametrize(
    ("subjects", "message"),
    [
        (["a", "a", "a"], "subjects: expected two or more, for their scatter"),
        (["a", "b"], r"subjects: expected one a pair, 3, got \(2,\)"),
    ],
)
def test_subjects_that_do_not_fit_are_refused(subjects, message):
    with pytest.raises(InputError, match=message):
        bland_altman([1, 2, 3], [1, 2, 4], subjects=subjects)
