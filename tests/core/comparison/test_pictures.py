import numpy as np

from core.checks import InputError
from core.comparison.boards import make_boards
from core.comparison.methods import group
from core.comparison.pictures import most_differing
from tests.core.comparison.made_runs import classification, pictures, removal, segmentation


def shown(first, second, source=lambda run: pictures):
    methods, _ = group([first, second])
    [board] = make_boards(methods)
    return most_differing(board, *board.methods, source)


def refuse(run):
    raise InputError(f"data of run '{run.name}': expected some, got none")


def test_images_are_shown_on_which_either_is_most_ahead(tmp_path):
    first = segmentation(tmp_path / "a", off=(0, 1, 9, 1, 1, 1, 1, 1, 1, 2))
    found = shown(first, segmentation(tmp_path / "b", off=(8, 2, 0, 2, 1, 1, 2, 2, 1, 1), noise=1))
    titles = [case.title for case in found.cases]
    assert titles == ["a ahead"] * 3 + ["b ahead"] * 2
    assert found.cases[0].detail == "Image 0_0, subject s0; Dice: a 1.000, b 0.333"
    assert "subject s2" in found.cases[3].detail


def test_each_run_stands_beside_the_truth(tmp_path):
    found = shown(segmentation(tmp_path / "a"), segmentation(tmp_path / "b", off=(6,), noise=1))
    assert [view.name for view in found.cases[0].views] == ["Input and truth", "a", "b"]
    truth, first, second = (view.whole for view in found.cases[0].views)
    assert truth.shape == first.shape == second.shape
    assert not np.array_equal(first, second)


def test_without_the_data_there_are_no_pictures_and_that_is_said(tmp_path):
    pair = segmentation(tmp_path / "a"), segmentation(tmp_path / "b", off=(6,), noise=1)
    found = shown(*pair, source=refuse)
    assert found.cases == []
    assert found.note == "Without pictures. data of run 'a': expected some, got none"


def test_what_took_annotations_off_needs_no_data(tmp_path):
    found = shown(
        removal(tmp_path / "a", better=3.0), removal(tmp_path / "b", noise=1), source=refuse
    )
    assert [view.name for view in found.cases[0].views] == ["Input", "a", "b", "Clean"]


def test_both_answers_of_classifiers_are_said(tmp_path):
    found = shown(classification(tmp_path / "a"), classification(tmp_path / "b", seed=1, noise=1))
    assert all(len(case.views) == 1 for case in found.cases)
    assert found.cases[0].detail.count("confidence") == 2
    assert found.cases[0].detail.count(" says ") == 2


def test_without_common_images_that_is_said(tmp_path):
    first = segmentation(tmp_path / "a")
    other = segmentation(tmp_path / "b", digest="x", data="bb", source=1)
    assert shown(first, other).note == "No images in common."
