"""Some of the rows of another experiment, with the paper's numbers of these rows."""

import pytest

from core.checks import InputError
from core.experiments.only import narrowed

ROWS = {"network": {"U-Net": {"config": "unet"}, "FPN": {}}, "noise": [0.0, 0.1]}


@pytest.fixture
def content():
    dice = {"name": "Dice", "paper": [1, 2, 3, 4], "misprints": {"U-Net 0.1": 5, "FPN 0.1": 6}}
    sizes = {"small": {"rows": {"noise": [0.0]}}, "paper": {"config": ["paper"]}}
    return {"rows": ROWS, "columns": {"test/dice": dice}, "sizes": sizes}


def test_without_the_key_everything_stays(content):
    assert narrowed(content) == content


def test_the_named_rows_stay_with_their_numbers(content):
    found = narrowed({**content, "only": {"network": ["FPN"]}})
    assert found["rows"] == {"network": {"FPN": {}}, "noise": [0.0, 0.1]}
    column = {"name": "Dice", "paper": [3, 4], "misprints": {"FPN 0.1": 6}}
    assert found["columns"] == {"test/dice": column}
    assert "only" not in found


def test_numbers_of_the_remaining_rows_stay_as_they_are_given(content):
    content["columns"] = {"test/dice": {"name": "Dice", "paper": [3, 4]}}
    found = narrowed({**content, "only": {"network": ["FPN"]}})
    assert found["columns"]["test/dice"]["paper"] == [3, 4]


def test_other_rows_of_a_size_are_narrowed_too(content):
    found = narrowed({**content, "only": {"noise": [0.0]}})
    assert found["sizes"]["small"] == {"rows": {"noise": [0.0]}}
    assert found["rows"]["noise"] == [0.0]
    assert found["columns"]["test/dice"]["paper"] == [1, 3]


def test_the_content_given_is_not_changed(content):
    narrowed({**content, "only": {"noise": [0.0]}})
    assert content["rows"] is ROWS
    assert ROWS["noise"] == [0.0, 0.1]


@pytest.mark.parametrize("only", [{"nettwork": ["FPN"]}, {"network": ["FPM"]}])
def test_what_no_row_has_is_an_error(content, only):
    with pytest.raises(InputError, match="only"):
        narrowed({**content, "only": only})
