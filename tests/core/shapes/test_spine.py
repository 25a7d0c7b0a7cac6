from math import atan, cos, degrees, isnan, pi, sin

import numpy as np
import pytest

from core.checks import InputError
from core.shapes.midline import find_midline
from core.shapes.spine import spine_angle

SIZE = (500, 200)  # mm and pixels
TOP, BOTTOM = 30, 470
LEVELS = np.linspace(TOP, BOTTOM, 17)  # of twelve thoracic and five lumbar vertebrae
HALF = {2: 22, 3: 15}  # distance of the features from the midline, mm


class Sine:
    """A spine x = 100 + A sin(2 pi y / L), whose steepest tilt is atan(2 pi A / L) either way."""

    def __init__(self, amplitude, wavelength):
        self.amplitude, self.rate = amplitude, 2 * pi / wavelength
        self.angle_deg = 2 * degrees(atan(self.rate * amplitude))

    def x(self, y):
        return 100 + self.amplitude * np.sin(self.rate * y)

    def tilt(self, y):
        return atan(self.amplitude * self.rate * cos(self.rate * y))


def ellipse(x, y, tilt, radii, size=SIZE):
    """Where an ellipse of these radii, tilted like its vertebra, lies."""
    rows, columns = np.mgrid[: size[0], : size[1]] + 0.5
    across = (columns - x) * cos(tilt) - (rows - y) * sin(tilt)
    along = (columns - x) * sin(tilt) + (rows - y) * cos(tilt)
    return (across / radii[0]) ** 2 + (along / radii[1]) ** 2 <= 1


def draw_spine(curve, *, missing=(), jitter=0.0, seed=0):
    """Draw pairs of features across the spine; `missing` names some as (level, side)."""
    mask, rng = np.zeros(SIZE, np.uint8), np.random.default_rng(seed)
    for level, y in enumerate(LEVELS):
        kind, tilt = 2 if level < 12 else 3, curve.tilt(y)
        for side in (-1, 1):
            dx, dy = rng.normal(0, jitter, 2) if jitter else (0, 0)
            x_at = curve.x(y) + side * HALF[kind] * cos(tilt) + dx
            y_at = y - side * HALF[kind] * sin(tilt) + dy
            if (level, side) not in missing:
                mask[ellipse(x_at, y_at, tilt, (7, 4))] = kind
    return mask


@pytest.mark.parametrize("amplitude", [0, 5, 12, 25])
@pytest.mark.parametrize("wavelength", [420, 700])
def test_angle_of_a_sine_is_twice_its_steepest_tilt(amplitude, wavelength):
    curve = Sine(amplitude, wavelength)
    assert spine_angle(draw_spine(curve)) == pytest.approx(curve.angle_deg, abs=1.5)


def test_midline_lies_between_the_features():
    curve = Sine(20, 420)
    line = find_midline(draw_spine(curve))
    inner = (line.y_mm > TOP) & (line.y_mm < BOTTOM)
    assert np.abs(line.x_mm - curve.x(line.y_mm))[inner].max() < 1
    tilts = np.degrees([curve.tilt(y) for y in line.y_mm])
    assert np.abs(line.tilt_deg - tilts)[inner].mean() < 1


def test_features_missing_at_one_side_do_not_bend_the_line():
    curve = Sine(12, 420)
    missing = [(2, -1), (3, -1), (7, 1), (9, 1), (10, 1), (13, -1), (16, 1)]
    found = spine_angle(draw_spine(curve, missing=missing))
    assert found == pytest.approx(curve.angle_deg, abs=2)


def test_a_vertebra_missing_altogether_is_bridged():
    curve = Sine(12, 420)
    missing = [(level, side) for level in (5, 6) for side in (-1, 1)]
    found = spine_angle(draw_spine(curve, missing=missing))
    assert found == pytest.approx(curve.angle_deg, abs=2)


def test_false_features_far_from_the_spine_count_little():
    curve = Sine(12, 420)
    mask = draw_spine(curve)
    for x, y in [(20, 100), (180, 150), (15, 300), (185, 350), (170, 420)]:
        mask[ellipse(x, y, 0, (5, 4))] = 2
    assert spine_angle(mask) == pytest.approx(curve.angle_deg, abs=2)


def test_scattered_features_give_the_angle_on_average():
    curve = Sine(12, 420)
    found = [spine_angle(draw_spine(curve, jitter=1.5, seed=seed)) for seed in range(12)]
    assert np.mean(found) == pytest.approx(curve.angle_deg, abs=2)
    assert np.std(found) < 3


def test_features_that_merge_into_columns_still_give_the_angle():
    """All left thoracic features as one mass; the others as they are."""
    curve = Sine(12, 420)
    mask = draw_spine(curve)
    for y in np.linspace(LEVELS[0], LEVELS[11], 200):
        mask[ellipse(curve.x(y) - HALF[2], y, 0, (5, 4))] = 2
    assert spine_angle(mask) == pytest.approx(curve.angle_deg, abs=3)


def test_mirrored_spine_has_the_same_angle():
    mask = draw_spine(Sine(18, 600), jitter=1)
    assert spine_angle(mask[:, ::-1].copy()) == pytest.approx(spine_angle(mask), abs=0.01)


def test_a_straight_spine_may_lean():
    """All is tilted alike: no two levels differ."""

    class Leaning(Sine):
        def x(self, y):
            return 60 + 0.15 * y

        def tilt(self, y):
            return atan(0.15)

    line = find_midline(draw_spine(Leaning(0, 1)))
    assert line.angle_deg < 0.5
    assert line.tilt_deg.mean() == pytest.approx(degrees(atan(0.15)), abs=0.2)


def test_pixels_need_not_be_square():
    mask = draw_spine(Sine(12, 420))
    every_second_row = mask[::2]
    found = spine_angle(every_second_row, spacing_mm=(2.0, 1.0))
    assert found == pytest.approx(spine_angle(mask), abs=0.5)
    assert spine_angle(every_second_row, spacing_mm=(0.4, 0.2)) == pytest.approx(found)


def test_unknown_spacing_takes_pixels_to_be_square():
    mask = draw_spine(Sine(12, 420))
    unknown = spine_angle(mask, spacing_mm=(np.nan, np.nan))
    assert unknown == spine_angle(mask, spacing_mm=(1.0, 1.0))


def test_other_classes_are_left_out():
    curve = Sine(12, 420)
    mask = draw_spine(curve)
    with_ribs = mask.copy()
    with_ribs[40:400:20, 150:190] = 1
    assert spine_angle(with_ribs) == spine_angle(mask)
    numbered = np.select([mask == 2, mask == 3], [5, 7]).astype(np.uint8)
    assert spine_angle(numbered, classes=(5, 7)) == spine_angle(mask)


def test_crumbs_are_no_features():
    mask = np.zeros(SIZE, np.uint8)
    mask[ellipse(80, 100, 0, (10, 10))] = 2
    mask[200:460:20, 100] = 2
    assert find_midline(mask) is None
    assert isnan(spine_angle(mask))


@pytest.mark.parametrize("levels", [0, 1, 2])
def test_a_few_vertebrae_have_no_angle(levels):
    missing = [(level, side) for level in range(levels, 17) for side in (-1, 1)]
    assert isnan(spine_angle(draw_spine(Sine(0, 1), missing=missing)))


def test_features_in_a_single_row_have_no_angle():
    mask = np.zeros((20, 100), np.uint8)
    mask[10, 5:95:10] = 2
    assert isnan(spine_angle(mask))


@pytest.mark.parametrize("spacing", [(0.0, 1.0), (1.0, -0.1)])
def test_spacing_that_is_no_distance_is_refused(spacing):
    with pytest.raises(InputError, match="spacing_mm: expected positive numbers"):
        spine_angle(np.zeros((20, 20), np.uint8), spacing_mm=spacing)
