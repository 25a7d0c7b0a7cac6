import numpy as np
import pytest

from core.checks import InputError
from core.dicom.pixels import MAX_PIXELS, reason_of, require_extent, to_bytes


def test_white_level_becomes_255():
    np.testing.assert_array_equal(to_bytes(np.array([0, 10, 20]), 20, "a"), [0, 128, 255])


def test_bytes_come_back_untouched():
    values = np.arange(3, dtype=np.uint8)
    assert to_bytes(values, 255, "a") is values


@pytest.mark.parametrize(("low", "high"), [(-1, 5), (0, 21)])
def test_values_out_of_range_are_named(low, high):
    with pytest.raises(InputError, match=f"a: expected values from 0 to 20, got {low} to {high}"):
        to_bytes(np.array([low, high]), 20, "a")


def test_values_that_are_not_finite_are_refused():
    with pytest.raises(InputError, match="a: expected finite values, got NaN or infinity"):
        to_bytes(np.array([0.0, np.nan]), 20, "a")


def test_largest_and_smallest_extents_pass():
    require_extent(8, MAX_PIXELS // 8, "a")
    with pytest.raises(InputError, match="a: expected at most 64000000 pixels, got 9x8000000"):
        require_extent(9, MAX_PIXELS // 8, "a")


def test_reason_is_the_systems_word_or_the_kind_of_error():
    assert reason_of(FileNotFoundError(2, "No such file", "/secret/a.png")) == "No such file"
    assert reason_of(ValueError()) == "ValueError"
