from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from core.checks import InputError
from core.data import FewerLabels, HoldoutSplit

SHARES = (0.05, 0.1, 0.25, 0.5, 0.75, 1.0)


@pytest.fixture
def table():
    """40 subjects of 1 to 30 images, in mixed order."""
    rng = np.random.default_rng(3)
    names = np.repeat([f"S{number}" for number in range(40)], rng.integers(1, 31, 40))
    rng.shuffle(names)
    return pd.DataFrame({"id": np.arange(len(names)).astype(str), "subject": names})


@pytest.fixture
def full(table):
    return HoldoutSplit()(table)


def fewer(table, share, seed=0):
    return FewerLabels(split=HoldoutSplit(), share=share, seed=seed)(table)


def subjects(table, rows):
    return set(table["subject"].iloc[rows])


@pytest.mark.parametrize("share", SHARES)
def test_what_it_validates_and_tests_on_stays(table, full, share):
    stages = fewer(table, share)
    assert list(stages) == ["train", "val", "test"]
    np.testing.assert_array_equal(stages["val"], full["val"])
    np.testing.assert_array_equal(stages["test"], full["test"])


@pytest.mark.parametrize("share", SHARES)
def test_training_rows_are_that_share_to_within_a_subject(table, full, share):
    wanted = share * len(full["train"])
    assert abs(len(fewer(table, share)["train"]) - wanted) <= 15  # half the largest subject


@pytest.mark.parametrize("share", SHARES)
def test_subjects_are_kept_whole_and_rows_sorted(table, full, share):
    rows = fewer(table, share)["train"]
    kept = subjects(table, rows)
    assert rows.tolist() == [row for row in full["train"] if table["subject"][row] in kept]


@pytest.mark.parametrize("seed", range(5))
def test_a_smaller_share_s_subjects_are_among_a_larger_one_s(table, seed):
    kept = [subjects(table, fewer(table, share, seed)["train"]) for share in SHARES]
    assert all(one < other for one, other in pairwise(kept))


def test_all_of_it_is_the_split_itself(table, full):
    np.testing.assert_array_equal(fewer(table, 1.0)["train"], full["train"])


def test_the_smallest_share_is_one_subject(table):
    assert len(subjects(table, fewer(table, 1e-9)["train"])) == 1


def test_another_seed_keeps_others(table):
    kept = [subjects(table, fewer(table, 0.25, seed)["train"]) for seed in (0, 0, 1)]
    assert kept[0] == kept[1] != kept[2]


@pytest.mark.parametrize("share", [0, -0.1, 1.01])
def test_a_share_out_of_range_is_refused(share):
    with pytest.raises(InputError, match="share: expected above 0 and at most 1, got"):
        FewerLabels(split=HoldoutSplit(), share=share)
