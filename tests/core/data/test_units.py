import numpy as np
import pandas as pd
import pytest

from core.checks import InputError
from core.data import BalancedHoldout, HoldoutSplit, KFoldSplit
from core.data.units import balanced, deal, telling_of_links, units_of, without_twins


def table(**columns):
    frame = pd.DataFrame(columns)
    return frame.assign(id=[f"i{number}" for number in range(len(frame))])


def test_units_are_subjects():
    assert units_of(table(subject=["A", "B", "A", "C"]), by_subject=True).tolist() == [0, 1, 0, 2]


def test_units_are_images_unless_by_subject():
    assert units_of(table(subject=["A", "B", "A"]), by_subject=False).tolist() == [0, 1, 2]


def test_subjects_with_an_image_in_common_are_one_unit():
    rows = table(subject=["A", "B", "C", "C"], image_digest=["x", "y", "x", "z"])
    assert units_of(rows, by_subject=True).tolist() == [0, 1, 0, 0]


def test_links_reach_over_several_columns():
    rows = table(
        subject=["A", "B", "C", "D"], group=["g", "g", "h", ""], image_digest=["1", "2", "2", "3"]
    )
    assert units_of(rows, by_subject=True).tolist() == [0, 0, 0, 1]


def test_blank_group_stands_for_none():
    rows = table(subject=["A", "B", "C"], group=["", " ", "g"])
    assert units_of(rows, by_subject=True).tolist() == [0, 1, 2]


def test_deal_takes_whole_units_up_to_the_share_nearest():
    units = np.repeat(np.arange(5), [30, 10, 30, 20, 10])
    taken, rest = deal(np.array([3, 0, 1, 2, 4]), units, 0.3, "val")
    assert (taken.tolist(), rest.tolist()) == ([3, 1], [0, 2, 4])


def test_deal_takes_one_unit_even_of_a_tiny_share():
    taken, rest = deal(np.array([1, 0]), np.array([0, 0, 1, 1]), 0.01, "val")
    assert (taken.tolist(), rest.tolist()) == ([1], [0])


def test_deal_of_nothing_takes_nothing():
    taken, rest = deal(np.array([1, 0]), np.array([0, 1]), 0.0, "val")
    assert (taken.tolist(), rest.tolist()) == ([], [1, 0])


def test_deal_names_the_stage_that_nothing_is_left_for():
    with pytest.raises(InputError, match=r"val: expected at least one .*, got none left"):
        deal(np.array([], int), np.array([0, 1]), 0.2, "val")


def test_balanced_parts_hold_about_as_many_images():
    sizes = np.array([50, 10, 20, 30, 40, 10, 20, 20])
    units = np.repeat(np.arange(8), sizes)
    part_of = balanced(np.random.default_rng(0).permutation(8), units, 4)
    assert np.bincount(part_of, weights=sizes).tolist() == [50, 50, 50, 50]


def test_twins_of_a_later_stage_are_left_out_and_named():
    rows = table(subject=["A", "B", "C", "D"], image_digest=["x", "y", "x", "y"])
    stages = {"train": np.array([0]), "val": np.array([1]), "test": np.array([2, 3])}
    with pytest.warns(UserWarning, match="images left out") as caught:
        kept = without_twins(rows, stages)
    assert {stage: part.tolist() for stage, part in kept.items()} == {
        "train": [],
        "val": [],
        "test": [2, 3],
    }
    said = [str(warning.message) for warning in caught]
    assert "1 train images left out" in said[0]
    assert "i0" in said[0]
    assert "1 val images left out" in said[1]


def test_an_error_tells_of_linked_subjects():
    rows = table(subject=["A", "A", "B", "C"], image_digest=["x", "y", "y", "z"])
    said = "val: too few; 3 subjects count as 2: equal images, or a common group, link A, B"
    with pytest.raises(InputError, match=f"^{said}$"), telling_of_links(rows):
        raise InputError("val: too few")


def test_an_error_stays_as_it_is_without_links():
    rows = table(subject=["A", "A", "B"], image_digest=["x", "y", "z"])
    with pytest.raises(InputError, match="^val: too few$"), telling_of_links(rows):
        raise InputError("val: too few")


@pytest.mark.parametrize("split", [HoldoutSplit(), KFoldSplit(), BalancedHoldout(columns=["view"])])
def test_every_split_by_subjects_tells_of_links(split):
    rows = table(subject=["A", "B", "C"], group="g", view="A4C")
    with pytest.raises(InputError, match="; 3 subjects count as 1: .* link A, B, C"):
        split(rows)
