import numpy as np
import pandas as pd
import pytest

from core.checks import InputError
from core.data import ColumnSplit, HoldoutSplit, KFoldSplit

SEEDS = range(25)


def sweeps(subjects=47, seed=0):
    """A table like the nerve set's: about 120 frames a subject."""
    counts = np.random.default_rng(seed).integers(90, 130, subjects)
    names = np.repeat([f"S{number}" for number in range(subjects)], counts)
    return pd.DataFrame({"id": np.arange(len(names)).astype(str), "subject": names})


def assert_parts(stages, table):
    """Every row is in one stage, and each stage's rows are sorted."""
    np.testing.assert_array_equal(
        np.sort(np.concatenate(list(stages.values()))), np.arange(len(table))
    )
    for rows in stages.values():
        assert (np.diff(rows) > 0).all()


def assert_apart(stages, table):
    """No subject is in two stages."""
    subjects = [set(table["subject"].iloc[rows]) for rows in stages.values()]
    assert sum(map(len, subjects)) == len(set.union(*subjects))


@pytest.mark.parametrize("seed", SEEDS)
def test_holdout_parts_whole_subjects_to_within_one_of_the_shares(seed):
    table = sweeps(seed=seed)
    stages = HoldoutSplit(seed=seed)(table)
    assert_parts(stages, table)
    assert_apart(stages, table)
    shares = np.array([len(rows) for rows in stages.values()]) / len(table)
    np.testing.assert_allclose(shares, [0.64, 0.16, 0.2], atol=1.2 / 47)


def test_holdout_by_image_meets_the_shares_exactly():
    table = pd.DataFrame({"id": np.arange(5635).astype(str), "subject": "S"})
    stages = HoldoutSplit(by="image")(table)
    assert_parts(stages, table)
    assert {stage: len(rows) for stage, rows in stages.items()} == {
        "train": 3606,
        "val": 902,
        "test": 1127,
    }


def test_holdout_is_the_same_for_a_seed_and_another_for_another():
    table = sweeps()
    first, again, other = (HoldoutSplit(seed=seed)(table)["test"] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert first.tolist() != other.tolist()


@pytest.mark.parametrize("seed", SEEDS)
def test_holdout_keeps_equal_images_on_one_side(seed):
    table = pd.DataFrame({"id": np.arange(40).astype(str), "subject": np.arange(40).astype(str)})
    table["image_digest"] = np.arange(40) % 30
    stages = HoldoutSplit(seed=seed)(table)
    side = np.empty(40, object)
    for stage, rows in stages.items():
        side[rows] = stage
    assert (side[30:] == side[:10]).all()


def test_holdout_without_validation():
    stages = HoldoutSplit(val=0, test=0.25, by="image")(sweeps(2))
    assert len(stages["val"]) == 0


def test_two_subjects_are_too_few_for_three_stages():
    with pytest.raises(
        InputError, match="train: expected at least one subject, got none: 2 are too"
    ):
        HoldoutSplit()(sweeps(2))


def test_one_subject_is_too_few_for_validation():
    with pytest.raises(InputError, match="val: expected at least one"):
        HoldoutSplit()(sweeps(1))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"val": 1.0}, r"val: expected a share from 0 to below 1, got 1\.0"),
        ({"test": -0.1}, "test: expected a share"),
        ({"val": 0.5, "test": 0.5}, "val and test: expected shares that leave some"),
        ({"by": "patient"}, "by: expected subject or image, got patient"),
    ],
)
def test_holdout_refuses_arguments_by_name(arguments, message):
    with pytest.raises(InputError, match=message):
        HoldoutSplit(**arguments)


@pytest.mark.parametrize("seed", range(5))
def test_folds_test_on_each_image_once(seed):
    table = sweeps(seed=seed)
    folds = [KFoldSplit(fold=fold, seed=seed)(table) for fold in range(5)]
    for stages in folds:
        assert_parts(stages, table)
        assert_apart(stages, table)
        shares = np.array([len(rows) for rows in stages.values()]) / len(table)
        np.testing.assert_allclose(shares, [0.64, 0.16, 0.2], atol=1.2 / 47)
    tested = np.sort(np.concatenate([stages["test"] for stages in folds]))
    np.testing.assert_array_equal(tested, np.arange(len(table)))


def test_fold_out_of_range_is_named():
    with pytest.raises(InputError, match="fold: expected 0 to 4, got 5"):
        KFoldSplit(fold=5)


def test_more_folds_than_subjects_are_refused():
    with pytest.raises(InputError, match="folds: expected at most 3, one subject each, got 5"):
        KFoldSplit()(sweeps(3))


@pytest.fixture
def devices():
    return pd.DataFrame(
        {
            "id": [f"i{number}" for number in range(12)],
            "subject": list("AABBCCDDEEFF"),
            "device": ["GE"] * 8 + ["Philips"] * 2 + ["Acme"] * 2,
        }
    )


def test_column_says_who_trains_and_who_tests(devices):
    split = ColumnSplit(column="device", train=["GE"], val=["Acme"], test=["Philips"])
    stages = split(devices)
    assert [rows.tolist() for rows in stages.values()] == [list(range(8)), [10, 11], [8, 9]]


def test_validation_is_taken_from_training_subjects(devices):
    stages = ColumnSplit(column="device", train=["GE"], test=["Philips"], val_share=0.25)(devices)
    assert [len(rows) for rows in stages.values()] == [6, 2, 2]
    assert devices["subject"].iloc[stages["val"]].nunique() == 1
    assert set(stages["train"]) | set(stages["val"]) == set(range(8))


def test_subject_on_two_sides_is_named(devices):
    devices.loc[1, "device"] = "Philips"
    split = ColumnSplit(column="device", train=["GE"], test=["Philips"])
    with pytest.raises(InputError, match="subject A: expected on one side, got in train and test"):
        split(devices)


def test_subject_on_two_sides_passes_by_image(devices):
    devices.loc[1, "device"] = "Philips"
    stages = ColumnSplit(column="device", train=["GE"], test=["Philips"], by="image")(devices)
    assert stages["test"].tolist() == [1, 8, 9]


def test_training_copy_of_a_test_image_is_left_out(devices):
    devices["image_digest"] = [*range(11), 8]
    devices.loc[11, "device"] = "GE"
    devices.loc[11, "subject"] = "G"
    split = ColumnSplit(column="device", train=["GE"], test=["Philips"], val_share=0)
    with pytest.warns(UserWarning, match="1 train images left out, .* test .* there: i11"):
        stages = split(devices)
    assert [rows.tolist() for rows in stages.values()] == [list(range(8)), [], [8, 9]]


def test_unknown_column_names_the_nearest(devices):
    with pytest.raises(InputError, match=r"'devise': .* did you mean 'device'\?, got id, subject"):
        ColumnSplit(column="devise")(devices)


def test_unknown_value_names_the_nearest(devices):
    split = ColumnSplit(column="device", train=["GE"], test=["Phillips"])
    with pytest.raises(InputError, match=r"'Phillips': .* did you mean 'Philips'\?, got Acme, GE"):
        split(devices)


def test_value_in_two_stages_is_refused():
    with pytest.raises(InputError, match="column 'split': expected each value in one stage"):
        ColumnSplit(train=["a"], test=["a"])
