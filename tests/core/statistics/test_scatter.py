import math

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from core.statistics import nearest_scatter, run_scatter, share_repetitions


def by_statsmodels(table):
    """Residual mean square and degrees of freedom of value = method + repetition."""
    long = table.rename_axis("method").reset_index().melt("method", var_name="repetition")
    fit = smf.ols("value ~ C(method) + C(repetition)", long.dropna()).fit()
    return fit.mse_resid, fit.df_resid


def table(methods=4, repetitions=3, seed=0):
    return pd.DataFrame(np.random.default_rng(seed).normal(size=(methods, repetitions)))


def test_two_methods_by_hand():
    # Differences 1 and 3: each cell lies 0.5 off its sum of effects, and one degree is left.
    assert run_scatter(pd.DataFrame([[1.0, 5.0], [0.0, 2.0]])) == pytest.approx((1.0, 1))


def test_agrees_with_statsmodels():
    assert run_scatter(table()) == pytest.approx(by_statsmodels(table()))


def test_agrees_with_statsmodels_where_runs_are_missing():
    holes = table()
    holes.iloc[0, 0] = holes.iloc[2, 1] = np.nan
    assert run_scatter(holes) == pytest.approx(by_statsmodels(holes))


def test_what_all_methods_share_in_a_repetition_is_no_scatter():
    harder = table() + np.array([0.0, 5.0, -3.0])
    assert run_scatter(harder) == pytest.approx(run_scatter(table()))


def test_a_method_trained_once_adds_nothing():
    once = pd.concat([table(), pd.DataFrame([[9.0, np.nan, np.nan]])])
    assert run_scatter(once) == pytest.approx(run_scatter(table()))


@pytest.mark.parametrize("values", [[[1.0], [2.0]], [[1.0, np.nan], [np.nan, 2.0]], [[np.nan]]])
def test_one_training_each_leaves_the_scatter_unknown(values):
    variance, df = run_scatter(pd.DataFrame(values))
    assert math.isnan(variance)
    assert df == 0


def test_seeds_share_nothing():
    free = run_scatter(table(), shared=False)
    assert free == pytest.approx((table().var(axis=1).mean(), 4 * 2))


@pytest.mark.parametrize(
    ("repetitions", "alike", "used"),
    [(3, range(3), range(2)), (2, range(3), range(3)), (1, range(3), range(5))],
)
def test_few_trainings_borrow_the_scatter_of_the_nearest(repetitions, alike, used):
    values = table(5, 3)
    values.iloc[:3, repetitions:] = np.nan
    found = nearest_scatter(values, range(2), alike, shared=False)
    assert found == run_scatter(values.loc[used], shared=False)


@pytest.mark.parametrize(("key", "expected"), [("seed_everything", False), ("fold", True)])
def test_repetitions_are_shared_where_more_than_the_seed_differs(key, expected):
    repeats = [{"seed_everything": 0, "fold": 0}, {"seed_everything": 0, "fold": 0, key: 1}]
    assert share_repetitions(repeats) == expected
