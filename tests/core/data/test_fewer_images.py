from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from core.checks import InputError
from core.data import FewerImages, HoldoutSplit

SHARES = (0.001, 0.01, 0.05, 0.1, 0.25, 1.0)


@pytest.fixture
def table():
    """40 patients of 50 images in three views, the last one rare."""
    rng = np.random.default_rng(3)
    views = rng.choice(["A2C", "PLAX", "SUB4C"], 2000, p=[0.6, 0.38, 0.02])
    names = np.repeat([f"S{number}" for number in range(40)], 50)
    return pd.DataFrame({"id": np.arange(2000).astype(str), "subject": names, "view": views})


@pytest.fixture
def full(table):
    return HoldoutSplit()(table)


def fewer(table, share, seed=0):
    return FewerImages(split=HoldoutSplit(), share=share, seed=seed)(table)


@pytest.mark.parametrize("share", SHARES)
def test_what_it_validates_and_tests_on_stays(table, full, share):
    stages = fewer(table, share)
    assert list(stages) == ["train", "val", "test"]
    np.testing.assert_array_equal(stages["val"], full["val"])
    np.testing.assert_array_equal(stages["test"], full["test"])


@pytest.mark.parametrize("share", SHARES)
def test_every_class_keeps_that_share_and_at_least_one_image(table, full, share):
    kept = table["view"].iloc[fewer(table, share)["train"]].value_counts()
    for view, count in table["view"].iloc[full["train"]].value_counts().items():
        assert kept[view] == max(round(share * count), 1)


@pytest.mark.parametrize("seed", range(5))
def test_a_smaller_share_s_images_are_among_a_larger_one_s(table, full, seed):
    kept = [set(fewer(table, share, seed)["train"]) for share in SHARES]
    assert all(one < other for one, other in pairwise(kept))
    assert kept[-1] == set(full["train"])


def test_rows_are_sorted(table):
    assert (np.diff(fewer(table, 0.25)["train"]) > 0).all()


def test_images_of_nearly_all_patients_are_left(table):
    assert table["subject"].iloc[fewer(table, 0.25)["train"]].nunique() >= 24


def test_another_seed_keeps_others(table):
    kept = [fewer(table, 0.25, seed)["train"].tolist() for seed in (0, 0, 1)]
    assert kept[0] == kept[1] != kept[2]


@pytest.mark.parametrize("share", [0, -0.1, 1.01])
def test_a_share_out_of_range_is_refused(share):
    with pytest.raises(InputError, match="share: expected above 0 and at most 1, got"):
        FewerImages(split=HoldoutSplit(), share=share)


def test_a_misspelt_column_is_refused(table):
    with pytest.raises(InputError, match="column: expected .*did you mean 'view'"):
        FewerImages(split=HoldoutSplit(), share=0.5, column="vew")(table)
