from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from core.checks import InputError
from core.data import VendorSplit

MACHINES = ("Epiq 7G", "SC2000", "ie33")
SIZES = {"Epiq 7G": (30, 50), "SC2000": (13, 9), "ie33": (20, 41)}  # images of A2C, PLAX
CHOICES = [choice for count in (1, 2) for choice in combinations(MACHINES, count)]


@pytest.fixture
def table():
    """Three machines, five patients each, two views; rows in mixed order."""
    rows = [
        (f"{machine[0]}{number % 5}", view, machine)
        for machine, counts in SIZES.items()
        for view, count in zip(("A2C", "PLAX"), counts, strict=True)
        for number in range(count)
    ]
    table = pd.DataFrame(rows, columns=["subject", "view", "device"])
    table = table.sample(frac=1, random_state=0, ignore_index=True)
    return table.assign(id=table.index.astype(str))


@pytest.mark.parametrize("choice", CHOICES)
def test_every_choice_trains_on_as_many_of_each_class_as_the_smallest_machine_has(table, choice):
    train = table.iloc[VendorSplit(train=choice)(table)["train"]]
    assert train["view"].value_counts().to_dict() == {"A2C": 13, "PLAX": 9}
    assert set(train["device"]) == set(choice)


@pytest.mark.parametrize("choice", list(combinations(MACHINES, 2)))
def test_two_machines_give_half_each(table, choice):
    train = table.iloc[VendorSplit(train=choice)(table)["train"]]
    counts = train.groupby(["view", "device"]).size().to_numpy()
    assert sorted(counts) == [4, 5, 6, 7]


@pytest.mark.parametrize("choice", CHOICES)
def test_all_of_the_other_machines_is_validated_and_tested_on(table, choice):
    stages = VendorSplit(train=choice)(table)
    rest = np.sort(np.concatenate([stages["val"], stages["test"]]))
    np.testing.assert_array_equal(rest, np.flatnonzero(~table["device"].isin(choice)))
    assert all((np.diff(rows) > 0).all() for rows in stages.values())


@pytest.mark.parametrize("choice", CHOICES)
def test_no_patient_is_in_two_stages(table, choice):
    stages = VendorSplit(train=choice)(table)
    subjects = [set(table["subject"].iloc[rows]) for rows in stages.values()]
    assert sum(map(len, subjects)) == len(set.union(*subjects))


@pytest.mark.parametrize("stage", ["val", "test"])
def test_each_of_the_other_machines_is_in_both_stages(table, stage):
    rows = VendorSplit(train=["SC2000"])(table)[stage]
    assert set(table["device"].iloc[rows]) == {"ie33", "Epiq 7G"}


def test_validation_takes_its_share(table):
    few, many = (VendorSplit(train=["ie33"], val_share=share)(table) for share in (0.2, 0.8))
    assert len(few["val"]) == len(many["test"])
    assert 0.1 < len(few["val"]) / 102 < 0.3


def test_the_number_of_images_can_be_given(table):
    rows = VendorSplit(train=["ie33", "Epiq 7G"], per_class=6)(table)["train"]
    assert table.iloc[rows].groupby(["view", "device"]).size().tolist() == [3, 3, 3, 3]


def test_a_seed_draws_the_same_and_another_others(table):
    one, again, other = (VendorSplit(train=["ie33"], seed=seed)(table) for seed in (0, 0, 1))
    for stage in one:
        np.testing.assert_array_equal(one[stage], again[stage])
    assert one["train"].tolist() != other["train"].tolist()


def test_training_images_that_are_also_tested_on_are_never_drawn(table):
    choice = ["Epiq 7G"]
    train = VendorSplit(train=choice)(table)["train"]
    twin = np.flatnonzero(table["device"] == "ie33")[0]
    linked = table.assign(group="")
    linked.loc[[train[0], twin], "group"] = "g"
    with pytest.warns(UserWarning, match="1 train images left out"):
        again = VendorSplit(train=choice)(linked)["train"]
    assert train[0] not in again
    assert len(again) == len(train)


def test_a_patient_on_two_machines_is_refused_by_name(table):
    table.loc[table["subject"] == "E1", "subject"] = "i1"
    with pytest.raises(InputError, match="subject i1: expected on one machine, got on several"):
        VendorSplit(train=["ie33"])(table)


def test_a_class_that_a_machine_lacks_is_refused(table):
    table = table[(table["view"] != "A2C") | (table["device"] != "SC2000")]
    with pytest.raises(InputError, match="view 'A2C': expected images of every machine, got none of SC2000"):  # fmt: skip
        VendorSplit(train=["ie33"])(table.reset_index(drop=True))


def test_a_machine_of_one_patient_cannot_be_parted(table):
    table.loc[table["device"] == "SC2000", "subject"] = "S"
    with pytest.raises(InputError, match="device 'SC2000': expected at least 2 patients"):
        VendorSplit(train=["ie33"])(table)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"train": []}, "train: expected at least one machine, each once, got none"),
        ({"train": ["ie33", "ie33"]}, "train: expected at least one machine, each once"),
        ({"train": ["ie3"]}, "train 'ie3': expected .*did you mean 'ie33'"),
        ({"train": MACHINES}, "train: expected a machine left to test on, got all of"),
        ({"train": ["ie33"], "column": "maker"}, "column: expected a column of the data"),
        ({"train": ["SC2000"], "per_class": 10}, "'PLAX' of SC2000: expected 10 images, got 9"),
        ({"train": ["ie33"], "per_class": 0}, "per_class: expected a positive number, got 0"),
        ({"train": ["ie33"], "val_share": 1}, "val_share: expected a share above 0 and below 1"),
    ],
)
def test_wrong_arguments_are_refused(table, options, message):
    with pytest.raises(InputError, match=message):
        VendorSplit(**options)(table)
