import numpy as np
import pytest

from core.comparison.boards import make_boards
from core.comparison.methods import group
from core.comparison.pairs import NOISE, compare_pairs, pair_note, pair_table
from core.experiments.claims import read_claim
from core.experiments.evidence import Evidence
from core.experiments.spec import Done
from tests.core.comparison.made_runs import segmentation


def board_of(*runs):
    [board] = make_boards(group(runs)[0])
    return board


def repeated(folder, name, noise, offs):
    return [
        segmentation(folder / f"{name}-s{seed}", seed=seed, noise=noise, off=off)
        for seed, off in enumerate(offs)
    ]


def test_a_difference_beyond_subjects_and_trainings_is_one(tmp_path):
    good = repeated(tmp_path, "good", 0.0, [(0, 1), (1, 0), (0, 1)])
    bad = repeated(tmp_path, "bad", 0.1, [(7, 8), (8, 7), (7, 8)])
    [pair], known = compare_pairs(board_of(*good, *bad))
    assert known
    assert pair.verdict == "good is better"
    assert pair.p < 0.05


def test_what_trainings_scatter_by_is_noise(tmp_path):
    one = repeated(tmp_path, "one", 0.0, [(0,), (9,), (1,)])
    two = repeated(tmp_path, "two", 0.1, [(8,), (2,), (2,)])
    [pair], known = compare_pairs(board_of(*one, *two))
    assert known
    assert pair.verdict == NOISE


def test_of_single_trainings_only_runs_are_spoken(tmp_path):
    board = board_of(
        segmentation(tmp_path / "a", off=(0, 1)), segmentation(tmp_path / "b", off=(5,), noise=1)
    )
    [pair], known = compare_pairs(board)
    assert not known
    assert pair.verdict == "the runs differ: a is ahead"
    assert "THE SCATTER OF REPEATED TRAININGS IS NOT KNOWN" in pair_note(board, known=known)


def test_single_trainings_may_be_within_the_noise_of_subjects(tmp_path):
    board = board_of(
        segmentation(tmp_path / "a", off=(0, 4)), segmentation(tmp_path / "b", off=(4, 0), noise=1)
    )
    [pair], _ = compare_pairs(board)
    assert pair.verdict == f"{NOISE} of subjects"


def test_too_few_common_subjects_cannot_be_tested(tmp_path):
    board = board_of(
        segmentation(tmp_path / "a", subjects=range(5)),
        segmentation(tmp_path / "b", noise=1, off=(3,)),
    )
    [pair], _ = compare_pairs(board)
    assert pair.verdict.startswith("cannot be tested")
    assert pair_table(board, [pair]).rows[0][1:] == ["n/a", "n/a", "10", "n/a", "n/a", pair.verdict]


def test_differences_are_over_common_images_alone(tmp_path):
    first = segmentation(tmp_path / "a", subjects=range(8), off=(0,))
    second = segmentation(tmp_path / "b", subjects=range(2, 10), off=(3,), noise=1)
    [pair], _ = compare_pairs(board_of(first, second))
    assert (pair.images, pair.comparison.subjects) == (12, 6)
    assert pair.comparison.difference == pytest.approx(3 / 12)


def test_p_values_count_all_comparisons(tmp_path):
    runs = [segmentation(tmp_path / f"{k}", noise=k, off=(k, 0)) for k in range(3)]
    pairs, _ = compare_pairs(board_of(*runs))
    raw = np.array([pair.comparison.p_subjects for pair in pairs])
    assert len(pairs) == 3
    assert min(pair.p for pair in pairs) == pytest.approx(min(1, 3 * raw.min()))


def test_of_many_methods_each_is_held_against_the_best(tmp_path):
    runs = [segmentation(tmp_path / f"{k}", noise=k, off=(k,)) for k in range(6)]
    pairs, _ = compare_pairs(board_of(*runs))
    assert [pair.first.name for pair in pairs] == ["0"] * 5


def test_two_methods_in_seeds_are_compared_as_in_a_table(tmp_path):
    offs = {"one": [(0, 4), (3, 1), (1, 6)], "two": [(2, 3), (7, 2), (4, 5)]}
    noises = dict(zip(offs, (0.0, 0.1), strict=True))
    runs = {name: repeated(tmp_path, name, noises[name], off) for name, off in offs.items()}
    third = repeated(tmp_path, "three", 0.2, [(0,), (9,), (1,)])  # scatters far more
    pairs, _ = compare_pairs(board_of(*runs["one"], *runs["two"], *third))
    [pair] = [p for p in pairs if {p.first.name, p.second.name} == {*offs}]
    done = [
        Done(row={"net": name}, repeat={"seed_everything": seed}, run=run.root)
        for name, own in runs.items()
        for seed, run in enumerate(own)
    ]
    said = {"says": "", "where": "", "metric": "test/dice", "higher": {}, "than": {}}
    sides = [{"net": pair.first.name}], [{"net": pair.second.name}]
    expected = Evidence(done).compare(read_claim(said), sides)
    assert pair.comparison.p == pytest.approx(expected.p)


def test_of_many_methods_each_is_held_against_the_best_on_its_images(tmp_path):
    board = board_of(
        *(
            segmentation(
                tmp_path / f"{part}{noise}", noise=noise, off=(noise,), data=part, digest=part
            )
            for part in "xy"
            for noise in (1, 2, 3)
        )
    )
    pairs, known = compare_pairs(board)
    found = [(pair.first.name, pair.second.name) for pair in pairs]
    assert found == [("x1", "x2"), ("x1", "x3"), ("y1", "y2"), ("y1", "y3")]
    assert "the best one that was tested on the same images" in pair_note(board, known=known)
