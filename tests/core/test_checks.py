import numpy as np
import pytest

from core.checks import InputError, describe, nearest, require


def test_require_passes_silently():
    require(True, "size", "anything")


def test_require_names_subject_expectation_and_what_came():
    with pytest.raises(InputError, match=r"^size: expected two numbers, got \(1, 2, 3\)$"):
        require(False, "size", "two numbers", (1, 2, 3))


def test_arrays_are_described_by_shape_and_range_not_by_content():
    text = describe(np.arange(6.0).reshape(2, 3))
    assert text == "array of shape (2, 3), float64, values 0.0 to 5.0"


def test_nearest_offers_the_closest_word():
    assert (
        nearest("trainer.max_epoch", ["trainer.max_epochs", "seed"])
        == ", did you mean 'trainer.max_epochs'?"
    )


def test_nearest_is_silent_when_nothing_is_close():
    assert nearest("zzz", ["trainer.max_epochs"]) == ""
