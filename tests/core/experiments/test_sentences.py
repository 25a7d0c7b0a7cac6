from math import nan

import pytest

from core.experiments.claims import read_claim
from core.experiments.sentences import sentence
from core.statistics import Comparison

FOUND = Comparison(
    first=0.833,
    second=0.801,
    difference=0.032,
    low=0.010,
    high=0.054,
    p_subjects=0.001,
    p_runs=0.003,
    subjects=12,
    paired=True,
    runs=(2, 2),
)


def claim(word="higher", other="than", **keys):
    said = {"says": "", "where": "", "metric": "test/dice", word: {}, other: {}}
    return read_claim({**said, **keys})


def with_(**changes):
    return Comparison(**{**vars(FOUND), **changes})


def test_numbers_stand_with_two_digits_of_the_interval():
    assert sentence(claim(), FOUND, 0.003, 1.0) == (
        "0.833 against 0.801: 0.032 higher (0.010 to 0.054), p = 0.003, 12 subjects, "
        "2 trainings each"
    )


@pytest.mark.parametrize(
    ("found", "p", "scale", "part"),
    [
        (FOUND, 0.003, 100.0, "83.3 against 80.1: 3.2 higher (1.0 to 5.4)"),
        (with_(difference=-0.032, low=-0.054, high=-0.010), 0.003, 1, "0.032 lower (0.010 to 0.054)"),
        (FOUND, 0.0002, 1.0, ", p < 0.001, "),
        (with_(paired=False, runs=(5, 3)), 0.003, 1.0, "different subjects, 5 and 3 trainings"),
    ],
)  # fmt: skip
def test_the_parts_of_a_sentence(found, p, scale, part):
    assert part in sentence(claim(), found, p, scale)


def test_the_same_names_what_counts_as_such_instead_of_a_p_value():
    text = sentence(claim("same", "as", within=0.05), FOUND, nan, 1.0)
    assert text.endswith("2 trainings each, up to 0.05 counts as the same")
    assert "p =" not in text


def test_the_same_says_how_sure_it_is_that_the_difference_is_larger():
    text = sentence(claim("same", "as", within=0.01), FOUND, 0.04, 1.0)
    assert text.endswith(", up to 0.01 counts as the same, p = 0.040 that it is more")
    assert text.count("p = ") == 1


def test_so_many_times_gives_the_ratio_of_the_sides_themselves():
    four = with_(first=8.0, second=6.0, difference=2.0, low=1.0, high=3.0)  # 3 times 2.0
    assert sentence(claim(times=3), four, 0.003, 1.0).startswith(
        "8.0 against 2.0: 4 times as high, p = 0.003"
    )


def test_counts_have_no_decimals_and_may_be_equal():
    equal = with_(first=384.0, second=384.0, difference=0.0, low=nan, high=nan, subjects=0)
    text = sentence(claim("same", "as", metric="train_images", within=0), equal, nan, 1.0)
    assert text == "384 against 384: no difference, up to 0 counts as the same"
