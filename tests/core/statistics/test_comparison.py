import math
from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from core.statistics import RunScatter, compare, compare_runs, subject_means
from core.statistics.scatter import NONE, UNKNOWN


@pytest.fixture
def rng():
    return np.random.default_rng(3)


def frame(values, run="a", prefix="s"):
    """One image a subject, of one run."""
    subjects = [f"{prefix}{number}" for number in range(len(values))]
    return pd.DataFrame({"run": run, "subject": subjects, "value": values})


def test_a_subject_counts_once_however_many_images_and_runs_it_has():
    rows = [("a", "x", 1.0), ("a", "x", 3.0), ("b", "x", 6.0), ("a", "y", 5.0), ("b", "y", np.nan)]
    means = subject_means(pd.DataFrame(rows, columns=["run", "subject", "value"]))
    assert means.to_dict() == {"x": 4.0, "y": 5.0}


def test_without_scatter_of_trainings_it_is_the_paired_t_test(rng):
    a, b = rng.normal(0.6, 1, 20), rng.normal(0, 1, 20)
    found = compare(frame(a), frame(b), NONE)
    theirs = stats.ttest_rel(a, b)
    interval = theirs.confidence_interval()
    assert found.p_runs == pytest.approx(theirs.pvalue)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high))
    assert found.difference == pytest.approx(np.mean(a - b))


def test_sign_flips_of_few_subjects_are_all_counted(rng):
    a = rng.normal(0.4, 1, 8)
    means = [np.mean(a * signs) for signs in product((1, -1), repeat=8)]
    share = np.mean(np.abs(means) >= abs(a.mean()) - 1e-12)
    assert compare(frame(a), frame(np.zeros(8)), NONE).p_subjects == pytest.approx(share)


def test_sign_flips_of_many_subjects_agree_with_scipys():
    d = np.random.default_rng(5).normal(0.5, 1, 60)
    theirs = stats.permutation_test(
        (d,), np.mean, permutation_type="samples", n_resamples=20000, rng=np.random.default_rng(1)
    )
    ours = compare(frame(d), frame(np.zeros(60)), NONE).p_subjects
    assert ours == pytest.approx(theirs.pvalue, abs=0.005)


def test_ties_and_zeros_count_as_they_are():
    # Of the signs of 1, 1, 1 and -1, those that all agree give 4; 2 or more: 10 of 16.
    found = compare(frame([1.0, 1, 1, -1, 0, 0]), frame(np.zeros(6)), NONE)
    assert found.p_subjects == pytest.approx(10 / 16)


def test_equal_methods_do_not_differ():
    found = compare(frame(np.ones(8)), frame(np.ones(8)), NONE)
    assert (found.difference, found.p, found.low, found.high) == (0, 1, 0, 0)


def test_scatter_of_trainings_widens_the_interval_by_hand():
    # var(d) / S over 5 degrees, of trainings (1/2 + 1/2) * 0.5 over 4.
    d = np.array([0.0, 1.0, 2.0, 3.0, 2.0, 4.0])
    runs = [frame(d, "a"), frame(d, "b")], [frame(0 * d, "c"), frame(0 * d, "d")]
    found = compare(*map(pd.concat, runs), RunScatter(0.5, 4))
    half = math.hypot(2.5706 * math.sqrt(d.var(ddof=1) / 6), 2.7764 * math.sqrt(0.5))
    assert (found.low, found.high) == pytest.approx((2 - half, 2 + half), abs=1e-3)
    assert found.runs == (2, 2)


def test_p_value_is_the_level_whose_interval_ends_at_zero(rng):
    a = rng.normal(0.8, 1, 12)
    found = compare(frame(a), frame(np.zeros(12)), RunScatter(0.04, 3))
    subjects, trainings = (stats.t.isf(found.p_runs / 2, df) for df in (11, 3))
    squares = subjects**2 * a.var(ddof=1) / 12 + trainings**2 * 0.08
    assert math.sqrt(squares) == pytest.approx(abs(a.mean()))


def test_other_subjects_are_compared_as_welch_does(rng):
    a, b = rng.normal(1, 1, 15), rng.normal(0, 3, 11)
    found = compare(frame(a), frame(b, prefix="t"), NONE)
    theirs = CompareMeans(DescrStatsW(a), DescrStatsW(b))
    assert found.p_runs == pytest.approx(theirs.ttest_ind(usevar="unequal")[1])
    interval = theirs.tconfint_diff(usevar="unequal")
    assert (found.low, found.high) == pytest.approx(interval)
    assert not found.paired
    assert found.subjects == 11


def test_labels_of_few_other_subjects_are_all_permuted():
    a, b = frame([5.0, 6.0, 7.0]), frame([1.0, 2.0, 3.0, 4.0], prefix="t")
    assert compare(a, b, NONE).p_subjects == pytest.approx(2 / math.comb(7, 3))


def test_only_subjects_in_common_are_compared():
    a, b = frame([1.0, 2.0, 3.0, 99.0]), frame([0.0, 0.0, 1.0])
    found = compare(a, b, NONE)
    assert (found.subjects, found.paired) == (3, True)
    assert found.difference == pytest.approx(5 / 3)


def test_repetitions_may_be_folds_of_different_subjects():
    a = pd.concat([frame([1.0, 2, 3], "a1"), frame([4.0, 5, 6], "a2", prefix="t")])
    b = pd.concat([frame([0.0, 0, 0], "b1"), frame([0.0, 0, 0], "b2", prefix="t")])
    found = compare(a, b, NONE)
    assert (found.subjects, found.difference, found.runs) == (6, 3.5, (2, 2))


def test_the_larger_p_value_counts(rng):
    found = compare(frame(rng.normal(3, 1, 12)), frame(np.zeros(12)), RunScatter(100.0, 3))
    assert found.p_subjects < 0.001 < 0.5 < found.p_runs == found.p


def test_unknown_scatter_leaves_the_question_open(rng):
    found = compare(frame(rng.normal(3, 1, 12)), frame(np.zeros(12)), UNKNOWN)
    assert math.isnan(found.p)
    assert math.isnan(found.low)
    assert found.p_subjects < 0.001


def test_a_factor_asks_whether_one_is_that_many_times_the_other(rng):
    a, b = rng.normal(10, 1, 12), rng.normal(2, 0.1, 12)
    found = compare(frame(a), frame(b), RunScatter(0.1, 5), factor=3)
    by_hand = compare(frame(a), frame(3 * b), RunScatter(0.5, 5))  # (1 + 3^2) / 2 times as much
    assert (found.difference, found.low, found.p_runs) == pytest.approx(
        (by_hand.difference, by_hand.low, by_hand.p_runs)
    )


def test_values_of_runs_are_compared_as_a_pooled_t_test_does(rng):
    a, b = rng.normal(1, 1, 5), rng.normal(0, 1, 5)
    pooled = RunScatter((np.var(a, ddof=1) + np.var(b, ddof=1)) / 2, 8)
    found = compare_runs(a, b, pooled)
    assert found.p == pytest.approx(stats.ttest_ind(a, b).pvalue)
    assert found.subjects == 0


def test_trainings_that_do_not_scatter_at_all_say_nothing():
    assert math.isnan(compare_runs([3.0, 3.0], [4.0, 4.0], RunScatter(0.0, 1)).p)
