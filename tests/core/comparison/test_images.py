import pytest

from core.comparison.boards import make_boards
from core.comparison.images import image_plots, shared_scores
from core.comparison.methods import group
from core.metrics.agreement import bland_altman
from tests.core.comparison.made_runs import segmentation


def board_of(*runs):
    [board] = make_boards(group(runs)[0])
    return board


@pytest.fixture
def board(tmp_path):
    first = segmentation(tmp_path / "a", off=(0, 5), subjects=range(8))
    return board_of(first, segmentation(tmp_path / "b", off=(4, 4), noise=1))


def test_both_plots_speak_of_the_two_methods(board):
    scatter, differences = image_plots(board, *board.methods, bland_altman)
    assert "ahead: a on 8, b on 8 of 16 images" in scatter.alt
    assert differences.title == "Bland\N{EN DASH}Altman: a \N{MINUS SIGN} b"
    assert "16 pairs" in differences.alt
    [axes] = differences.figure.axes
    assert (axes.get_ylabel(), axes.get_xlabel()) == ("a \N{MINUS SIGN} b", "Dice, mean of both")


def test_only_common_images_are_drawn(board):
    table = shared_scores(board, *board.methods)
    assert len(table) == 16
    assert (table["first"] - table["second"]).tolist()[:2] == pytest.approx([4 / 12] * 2)


def test_images_of_too_few_subjects_give_no_plot(tmp_path):
    first = segmentation(tmp_path / "a", subjects=range(2))
    board = board_of(first, segmentation(tmp_path / "b", noise=1))
    assert image_plots(board, *board.methods, bland_altman) == []
