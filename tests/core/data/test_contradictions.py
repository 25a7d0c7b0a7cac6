import numpy as np
import pytest

from core.checks import InputError
from core.data import Contradictions, NervePhantom
from core.data.cache import CachedSource
from core.data.contradictions import left_out


@pytest.fixture(scope="module")
def sweep(tmp_path_factory):
    source = NervePhantom(subjects=3, frames=30, wrong_labels=0.3, seed=5)
    return CachedSource(source, tmp_path_factory.mktemp("cache"))


def frame(seed):
    """Smooth structure that differs from seed to seed."""
    blocks = np.random.default_rng(seed).integers(0, 200, (6, 8))
    return np.kron(blocks, np.ones((10, 10))).astype(np.uint8)


def near(image):
    """The same with a little noise."""
    noise = np.random.default_rng(9).integers(0, 20, image.shape)
    return (image + noise).astype(np.uint8)


def label(top, height=20):
    mask = np.zeros((60, 80), np.uint8)
    mask[top : top + height, 20:40] = 1
    return mask


EMPTY = label(0, 0)


def test_near_duplicate_with_one_empty_mask_is_found(listed):
    source = listed([frame(0), near(frame(0)), frame(1)], [EMPTY, label(10), label(10)])
    pairs = Contradictions().find(source)
    assert pairs[["index_a", "index_b", "empty"]].to_numpy().tolist() == [[0, 1, 0]]
    pair = pairs.iloc[0]
    assert (pair["id_a"], pair["id_b"], pair["subject"]) == ("image 0", "image 1", "A")
    assert pair["dice"] == 0
    assert 0 < pair["distance"] < 0.004


def test_labels_in_different_places_contradict_each_other(listed):
    source = listed([frame(0), near(frame(0))], [label(0), label(18)])
    pairs = Contradictions().find(source)
    assert pairs["dice"].tolist() == [2 * 2 / 40]  # 2 of 20 rows each are shared
    assert pairs["empty"].tolist() == [-1]


@pytest.mark.parametrize("masks", [(label(10), label(14)), (EMPTY, EMPTY)], ids=["alike", "empty"])
def test_labels_that_agree_are_no_contradiction(listed, masks):
    assert Contradictions().find(listed([frame(0), near(frame(0))], masks)).empty


def test_frames_of_different_subjects_are_not_compared(listed):
    source = listed([frame(0), near(frame(0))], [EMPTY, label(10)], ["A", "B"])
    assert Contradictions().find(source).empty


def test_frames_that_differ_are_not_compared(listed):
    assert Contradictions().find(listed([frame(0), frame(1)], [EMPTY, label(10)])).empty


def test_only_the_rows_asked_for_are_compared(listed):
    source = listed([frame(0), near(frame(0)), near(frame(0))], [EMPTY, label(10), label(10)])
    pairs = Contradictions().find(source, np.array([2, 0]))
    assert pairs[["index_a", "index_b"]].to_numpy().tolist() == [[0, 2]]


def test_colour_images_of_several_sizes_are_compared(listed):
    colour = np.stack([frame(0)] * 3, axis=-1)
    large, large_mask = np.kron(frame(0), np.ones((2, 2), np.uint8)), np.zeros((120, 160), np.uint8)
    source = listed([colour, near(frame(0)), large], [EMPTY, label(10), large_mask])
    assert Contradictions().find(source)["empty"].tolist() == [0, 2]


def test_pairs_are_sorted_by_distance(listed):
    source = listed(
        [frame(0), near(frame(0)), frame(1), frame(1)], [EMPTY, label(10), label(10), EMPTY]
    )
    assert Contradictions().find(source)["index_a"].tolist() == [2, 0]


def test_clean_leaves_out_the_empty_one(listed):
    source = listed([frame(0), near(frame(0)), frame(1)], [EMPTY, label(10), label(10)])
    assert Contradictions().clean(source, np.array([2, 1, 0])).tolist() == [1, 2]


def test_clean_leaves_out_both(listed):
    source = listed([frame(0), near(frame(0)), frame(1)], [label(0), label(30), label(10)])
    assert Contradictions(leave_out="both").clean(source, np.arange(3)).tolist() == [2]


def test_pair_without_an_empty_mask_stays_unless_both_go(listed):
    pairs = Contradictions().find(listed([frame(0), near(frame(0))], [label(0), label(30)]))
    assert left_out(pairs, "empty").tolist() == []
    assert left_out(pairs, "both").tolist() == [0, 1]


def test_planted_errors_of_a_sweep_are_found(sweep):
    wrong = np.flatnonzero(sweep.table["label_wrong"])
    found = left_out(Contradictions().find(sweep), "empty")
    hits = np.intersect1d(found, wrong)
    assert len(hits) / len(wrong) > 0.6
    assert len(hits) / len(found) > 0.6


def test_source_without_masks_is_refused(listed):
    with pytest.raises(InputError, match="expected masks to compare"):
        Contradictions().find(listed([frame(0)]))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"leave_out": "none"}, "leave_out: expected empty or both, got none"),
        ({"signature": "hash"}, "signature: expected thumbnail or strips, got hash"),
        ({"threshold": 0}, "threshold: expected .*, got 0"),
        ({"max_dice": 2}, "max_dice: expected from 0 to 1, got 2"),
    ],
)
def test_arguments_are_refused_by_name(arguments, message):
    with pytest.raises(InputError, match=message):
        Contradictions(**arguments)
