import numpy as np
import pytest

from core.checks import InputError
from core.metrics.convergence import epochs_to_converge

CURVE = [0.1, 0.4, 0.595, 0.58, 0.6, 0.601, 0.602]


def test_first_epoch_within_the_tolerance_counts():
    assert epochs_to_converge(CURVE, tolerance=0.01) == 3


def test_without_tolerance_the_best_epoch_counts():
    assert epochs_to_converge(CURVE, tolerance=0) == 7


def test_a_longer_flat_tail_changes_nothing():
    assert epochs_to_converge([*CURVE, 0.6025, 0.603]) == epochs_to_converge(CURVE)


def test_a_curve_that_only_falls_converges_at_once():
    assert epochs_to_converge([0.5, 0.4, 0.3]) == 1


def test_epochs_without_validation_still_count():
    assert epochs_to_converge([np.nan, 0.2, np.nan, 0.6]) == 4


@pytest.mark.parametrize("nothing", [[], [np.nan, np.nan]], ids=["empty", "all NaN"])
def test_a_curve_without_values_is_refused(nothing):
    with pytest.raises(InputError, match="values: expected one finite value or more"):
        epochs_to_converge(nothing)


def test_a_negative_tolerance_is_refused():
    with pytest.raises(InputError, match=r"tolerance: expected 0 or more, got -0\.1"):
        epochs_to_converge(CURVE, tolerance=-0.1)
