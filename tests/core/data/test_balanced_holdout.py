import time
import warnings

import numpy as np
import pandas as pd
import pytest

from core.checks import InputError
from core.data import BalancedHoldout, HoldoutSplit

VIEWS = ("A2C", "A3C", "A4C", "A5C", "PLAX", "SAXBASAL", "SAXMID", "SUB4C")


def hospital(patients=100, images=40, seed=0):
    """Patients of a machine each, with views of their own choosing, in mixed order."""
    rng = np.random.default_rng(seed)
    subject = rng.permutation(np.repeat(np.arange(patients), images))
    machine = rng.choice(["ie33", "Epiq 7G", "SC2000"], patients, p=[0.5, 0.35, 0.15])
    taste = rng.dirichlet(np.full(8, 0.7), patients)
    view = [VIEWS[rng.choice(8, p=taste[one])] for one in subject]
    columns = {"subject": subject.astype(str), "view": view, "device": machine[subject]}
    return pd.DataFrame({"id": np.arange(len(subject)).astype(str), **columns})


@pytest.fixture(scope="module")
def table():
    return hospital()


def unlikeness(table, stages, *columns):
    """Half the sum of a stage's differences in shares from all images, mean over the stages."""
    sums = []
    for column in columns:
        whole = table[column].value_counts(normalize=True)
        for rows in stages.values():
            part = table[column].iloc[rows].value_counts(normalize=True)
            sums.append((part.reindex(whole.index, fill_value=0) - whole).abs().sum() / 2)
    return np.mean(sums)


def test_parts_whole_patients_eighty_ten_ten(table):
    stages = BalancedHoldout()(table)
    np.testing.assert_array_equal(np.sort(np.concatenate(list(stages.values()))), range(4000))
    assert all((np.diff(rows) > 0).all() for rows in stages.values())
    subjects = {stage: set(table["subject"].iloc[rows]) for stage, rows in stages.items()}
    counts = {stage: len(names) for stage, names in subjects.items()}
    assert counts == {"train": 80, "val": 10, "test": 10}
    assert len(set.union(*subjects.values())) == 100


@pytest.mark.filterwarnings("ignore:no .* image")
@pytest.mark.parametrize("seed", range(3))
def test_stages_are_more_alike_than_those_of_single_draws(table, seed):
    best = unlikeness(table, BalancedHoldout(seed=seed)(table), "view", "device")
    singles = [BalancedHoldout(seed=other, tries=1)(table) for other in range(25)]
    assert best < 0.8 * min(unlikeness(table, single, "view", "device") for single in singles)
    plain = HoldoutSplit(val=0.1, test=0.1, seed=seed)(table)
    assert best < unlikeness(table, plain, "view", "device")


def test_only_the_named_columns_are_balanced(table):
    both, views = BalancedHoldout()(table), BalancedHoldout(columns=["view"])(table)
    assert unlikeness(table, views, "view") < unlikeness(table, both, "view")
    assert unlikeness(table, views, "device") > unlikeness(table, both, "device")


def test_what_belongs_together_stays_together(table):
    linked = table.assign(image_digest="")
    where = [int(np.flatnonzero(table["subject"] == name)[0]) for name in ("1", "2", "3")]
    linked.loc[where, "image_digest"] = "same"
    for seed in range(5):
        stages = BalancedHoldout(seed=seed, tries=5)(linked)
        assert [sum(row in rows for row in where) for rows in stages.values()].count(3) == 1


def test_a_seed_draws_the_same_and_another_others(table):
    first, again, other = (BalancedHoldout(seed=seed)(table)["test"] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert first.tolist() != other.tolist()


def test_a_rare_value_is_in_every_stage_where_that_can_be(table):
    rare = table.assign(view=table["view"].where(table["subject"].astype(int) > 2, "RARE"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        stages = BalancedHoldout(tries=4000)(rare)
    assert all("RARE" in set(rare["view"].iloc[rows]) for rows in stages.values())


def test_a_value_that_too_few_patients_have_is_warned_of(table):
    rare = table.assign(view=table["view"].where(table["subject"] != "5", "RARE"))
    with pytest.warns(UserWarning, match="no (val|test) image of view RARE in the best of 9 draws"):
        BalancedHoldout(tries=9)(rare)


def test_without_validation_there_is_none(table):
    stages = BalancedHoldout(val=0)(table)
    assert [len(rows) > 0 for rows in stages.values()] == [True, False, True]


def test_the_smallest_data_give_each_stage_a_patient():
    few = pd.DataFrame({"id": list("abc"), "subject": list("abc"), "view": "A2C"})
    stages = BalancedHoldout(columns=["view"])(few)
    assert [len(rows) for rows in stages.values()] == [1, 1, 1]


def test_two_patients_are_too_few_for_three_stages():
    few = pd.DataFrame({"id": list("ab"), "subject": list("ab"), "view": "A2C"})
    with pytest.raises(InputError, match="patients: expected one for every stage, got 2"):
        BalancedHoldout(columns=["view"])(few)


@pytest.mark.slow
def test_it_takes_less_than_a_second():
    table = hospital(patients=500, images=100)
    start = time.perf_counter()
    BalancedHoldout()(table)
    assert time.perf_counter() - start < 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"val": 1}, "val: expected a share from 0 to below 1, got 1"),
        ({"val": 0.5, "test": 0.5}, "val and test: expected shares that leave some"),
        ({"columns": ()}, "columns: expected at least one column to balance, got none"),
        ({"columns": ["vew"]}, "columns: expected a column of the data: .*did you mean 'view'"),
        ({"tries": 0}, "tries: expected a positive number, got 0"),
    ],
)
def test_wrong_arguments_are_refused(table, options, message):
    with pytest.raises(InputError, match=message):
        BalancedHoldout(**options)(table)
