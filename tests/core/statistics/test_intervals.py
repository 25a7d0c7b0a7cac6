import numpy as np
import pandas as pd
import pytest
from scipy import stats

from core.statistics.intervals import subject_intervals


def test_interval_of_independent_images_agrees_with_scipys_bootstrap():
    values = np.random.default_rng(1).normal(0.6, 0.1, 200)
    ours = subject_intervals(pd.DataFrame({"dice": values}), pd.Series(range(200)))["dice"]
    theirs = stats.bootstrap(
        (values,), np.mean, method="percentile", n_resamples=4000, rng=np.random.default_rng(2)
    ).confidence_interval
    assert ours == pytest.approx((theirs.low, theirs.high), abs=0.002)


def test_copies_of_a_subject_do_not_narrow_the_interval():
    values = np.random.default_rng(1).normal(0.6, 0.1, 30)
    once = subject_intervals(pd.DataFrame({"dice": values}), pd.Series(range(30)))["dice"]
    often = pd.DataFrame({"dice": np.repeat(values, 20)})
    assert subject_intervals(often, pd.Series(np.repeat(range(30), 20)))["dice"] == pytest.approx(
        once
    )


def test_images_without_a_value_do_not_count():
    values = [0.5, np.nan] * 10
    subjects = pd.Series(np.repeat(range(10), 2))
    assert subject_intervals(pd.DataFrame({"x": values}), subjects)["x"] == (0.5, 0.5)


def test_few_subjects_give_no_interval():
    assert subject_intervals(pd.DataFrame({"x": [1.0, 2, 3, 4]}), pd.Series(range(4))) == {}
