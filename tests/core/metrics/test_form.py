import cv2
import numpy as np
import pytest

from core.metrics.form import form


def ellipse(*middles, size=(60, 90), axes=(14, 8)):
    mask = np.zeros(size, np.uint8)
    for middle in middles:
        cv2.ellipse(mask, middle, axes, 0, 0, 360, 1, -1)
    return mask


def test_masses_are_counted_in_truth_and_prediction():
    found = form(ellipse((20, 30), (65, 30)), ellipse((40, 30)))
    assert (found.truth_masses, found.prediction_masses) == (1, 2)


def test_a_crumb_is_no_mass():
    mask = ellipse((40, 30))
    mask[2:4, 2:4] = 1
    assert form(mask, mask).prediction_masses == 1


def test_ellipticity_is_that_of_the_largest_mass():
    mask = ellipse((40, 30))
    mask[:6, :20] = 1  # a bar, and no crumb
    assert form(mask, mask).prediction_ellipticity > 0.9
    assert form(mask[:20], mask[:20]).prediction_ellipticity < 0.9


def test_bool_masks_give_the_same():
    mask = ellipse((20, 30), (65, 30))
    assert form(mask > 0, mask > 0) == form(mask, mask)


def test_an_empty_prediction_has_no_ellipticity():
    found = form(np.zeros((60, 90), np.uint8), ellipse((40, 30)))
    assert found.prediction_masses == 0
    assert found.prediction_ellipticity == pytest.approx(np.nan, nan_ok=True)
