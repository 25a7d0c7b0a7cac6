import pytest

from tests.core.cines.fuzz import campaign, read, seeds


def test_whole_files_of_every_encoding_are_read(tmp_path):
    assert {read(path) for path in seeds(tmp_path)} == {"pixels"}


@pytest.mark.parametrize("count", [120, pytest.param(5000, marks=pytest.mark.slow)])
def test_damaged_files_give_pixels_or_one_input_error_that_names_them(tmp_path, count):
    outcomes, seconds = campaign(tmp_path, count, seed=count)
    refused = sum(number for (_, outcome), number in outcomes.items() if outcome == "refused")
    assert count // 10 < refused < count
    assert seconds.max() < 60  # a machine that is busy; a decoder has 2 s of processor time
