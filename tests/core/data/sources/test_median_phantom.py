import pickle

import numpy as np
import pytest

from core.checks import InputError
from core.data import MedianNervePhantom

SMALL = {"subjects": {"HM70A": 2, "miniSONO": 1}, "scale": 0.2, "seed": 1}


@pytest.fixture(scope="module")
def phantom():
    return MedianNervePhantom(**SMALL, bifid=0.5)


def test_every_hand_has_its_images(phantom):
    counts = phantom.table.groupby(["device", "subject", "hand"]).size()
    assert counts["HM70A"].tolist() == [5] * 4
    assert counts["miniSONO"].tolist() == [8] * 2
    assert len(phantom) == 36


def test_levels_and_regions_are_those_of_the_study(phantom):
    one = phantom.table[
        (phantom.table["subject"] == "miniSONO-1") & (phantom.table["hand"] == "left")
    ]
    assert one["level"].tolist() == [
        "DWC-1",
        "DWC",
        "DWC+1",
        "DWC+2",
        "DWC+3",
        "DWC+9",
        "DWC+10",
        "DWC+11",
    ]
    assert one["region"].tolist() == ["wrist"] * 5 + ["forearm"] * 3


def test_rows_are_named_by_subject_hand_and_level(phantom):
    assert phantom.table["id"].tolist()[:2] == ["HM70A-1_left_DWC-1", "HM70A-1_left_DWC"]
    assert phantom.table["id"].is_unique


def test_no_subject_was_examined_on_two_machines(phantom):
    assert phantom.table.groupby("subject")["device"].nunique().tolist() == [1, 1, 1]


def test_table_tells_the_truth_about_masks_and_sizes(phantom):
    sizes = {"HM70A": (88, 113), "miniSONO": (115, 173)}
    for row, sample in zip(phantom.table.itertuples(), phantom, strict=True):
        assert sample["image"].shape == sample["mask"].shape == sizes[row.device]
        assert sample["mask"].dtype == np.uint8
        assert set(np.unique(sample["mask"])) == {0, 1}
        assert row.has_mask


@pytest.mark.parametrize(("device", "depth_mm", "rows"), [("HM70A", 27, 88), ("miniSONO", 25, 115)])
def test_spacing_follows_from_depth_and_rows(phantom, device, depth_mm, rows):
    table = phantom.table[phantom.table["device"] == device]
    np.testing.assert_allclose(table[["spacing_row_mm", "spacing_col_mm"]], depth_mm / rows)


def test_one_number_of_subjects_holds_for_every_device():
    table = MedianNervePhantom(subjects=2).table
    assert table.groupby("device")["subject"].nunique().to_dict() == {"HM70A": 2, "miniSONO": 2}


def test_one_device_can_be_chosen_and_keeps_its_images(phantom):
    alone = MedianNervePhantom(**SMALL, bifid=0.5, devices=["miniSONO"])
    assert set(alone.table["device"]) == {"miniSONO"}
    np.testing.assert_array_equal(alone[3]["image"], phantom[20 + 3]["image"])


def test_it_is_simulated_and_says_so(phantom):
    assert phantom.simulated


def test_same_arguments_give_the_same_samples(phantom):
    again = pickle.loads(pickle.dumps(MedianNervePhantom(**SMALL, bifid=0.5)))
    np.testing.assert_array_equal(again[7]["image"], phantom[7]["image"])
    assert again.fingerprint == phantom.fingerprint


@pytest.mark.parametrize(
    "change",
    [{"seed": 2}, {"bifid": 0.0}, {"scale": 0.25}, {"subjects": 1}, {"devices": ["HM70A"]}],
)
def test_fingerprint_changes_with_every_argument(phantom, change):
    assert (
        MedianNervePhantom(**{**SMALL, "bifid": 0.5, **change}).fingerprint != phantom.fingerprint
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"devices": ["HM70"]},
            "devices: expected HM70A or miniSONO, did you mean 'HM70A'?, got HM70",
        ),
        ({"devices": "HM70A"}, "devices: expected a list of names, got HM70A"),
        ({"devices": []}, r"devices: expected a list of names, got \[\]"),
        (
            {"subjects": {"HM70A": 2}},
            r"subjects: expected a number for each device, got none for \['miniSONO'\]",
        ),
        ({"subjects": 0}, "subjects: expected at least 1 for HM70A, got 0"),
        ({"scale": 2}, "scale: expected 0.1 to 1, got 2"),
    ],
)
def test_argument_out_of_range_is_named(change, message):
    with pytest.raises(InputError, match=message.replace("?", r"\?")):
        MedianNervePhantom(**{**SMALL, **change})
