from statistics import mean, stdev

from core.comparison.boards import make_boards
from core.comparison.leaderboard import leaderboard, notes
from core.comparison.methods import group
from tests.core.comparison.made_runs import classification, segmentation


def board_of(*runs):
    [board] = make_boards(group(runs)[0])
    return board


def test_a_method_has_mean_and_scatter_over_its_repetitions(tmp_path):
    runs = [segmentation(tmp_path / f"r-s{k}", seed=k, off=(k,)) for k in range(3)]
    table = leaderboard(board_of(*runs))
    dices = [1, 11 / 12, 10 / 12]
    row = dict(zip(table.columns, table.rows[0], strict=True))
    assert row["Dice"] == f"{mean(dices):.3f} ± {stdev(dices):.3f}"
    assert (row["Method"], row["Runs"], row["Parameters"]) == ("r", "3", "12,345")
    assert row["Test images"] == "A: 20 of 10 subjects"


def test_each_row_says_whether_its_images_are_simulated(tmp_path):
    phantom, real = (
        leaderboard(board_of(segmentation(tmp_path / f"{k}", simulated=k))).rows[0][-1]
        for k in (True, False)
    )
    assert (phantom, real) == ("NervePhantom, SIMULATED", "NervePhantom, real")


def test_shares_are_in_percent(tmp_path):
    run = classification(tmp_path / "a")
    table = leaderboard(board_of(run))
    assert table.columns[1] == "Accuracy (%)"
    assert table.rows[0][1] == f"{100 * run.metrics['test/accuracy']:.1f}"


def test_other_test_images_are_said(tmp_path):
    runs = [segmentation(tmp_path / f"{n}", noise=n, subjects=range(n)) for n in (6, 8)]
    said = " ".join(notes(board_of(*runs)))
    assert "NOT ALL WERE TESTED ON THE SAME IMAGES" in said
    assert "A and B share 12" in said


def test_other_grids_are_said(tmp_path):
    runs = [segmentation(tmp_path / f"{n}", size=(n, n), noise=n) for n in (64, 96)]
    assert "grids differ" in " ".join(notes(board_of(*runs)))


def test_the_same_test_images_need_no_note(tmp_path):
    runs = [segmentation(tmp_path / f"{n}", noise=n) for n in (6, 8)]
    assert "SAME IMAGES" not in " ".join(notes(board_of(*runs)))


def test_other_versions_of_the_code_are_said(tmp_path):
    run = segmentation(tmp_path / "a")
    other = segmentation(tmp_path / "b", noise=1)
    other.folder.summary["git"] = {"commit": "abc"}
    assert "2 versions of the code" in " ".join(notes(board_of(run, other)))
