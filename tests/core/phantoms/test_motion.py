import numpy as np
import pytest

from core.phantoms.motion import MOST_SHIFT_MM, Motion

PHASES = (0.3, 1.1, 2.0, 4.0, 5.0)
POINTS = np.array([[0.0, 5.0], [8.0, 12.0], [-10.0, 25.0]], np.float32)


def placed(sweep_mm, *, mirrored=False, spacing_mm=0.1):
    motion = Motion(PHASES, mirrored=mirrored)
    return motion.place(sweep_mm, (300, 400), spacing_mm)(POINTS)


def test_a_frame_further_on_tissue_has_moved_by_a_few_pixels_at_most():
    moved = np.abs(placed(0.25) - placed(0.0))
    assert 0 < moved.max() < 5


def test_sideways_shift_stays_within_its_limit():
    shifts = [Motion(PHASES, mirrored=False).shift_mm(place) for place in np.arange(0, 60, 0.1)]
    assert np.abs(shifts).max() <= MOST_SHIFT_MM


def test_pixels_scale_with_the_spacing():
    middle = np.array([200.0, 0.0])
    fine, coarse = placed(3.0, spacing_mm=0.1), placed(3.0, spacing_mm=0.2)
    assert fine - middle == pytest.approx(2 * (coarse - middle), rel=1e-4)


def test_the_other_side_of_the_body_is_mirrored():
    shift = Motion(PHASES, mirrored=False).shift_mm(3.0) / 0.1
    left, right = (placed(3.0, mirrored=side)[:, 0] - 200 - shift for side in (True, False))
    assert left == pytest.approx(-right, abs=1e-3)
