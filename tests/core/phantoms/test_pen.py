import numpy as np
import pytest

from core.phantoms.bmode import amplitude
from core.phantoms.pen import ROUGH_MM, Pen, between, closed, shrunk
from core.phantoms.sketch import STEP_MM


@pytest.fixture
def pen():
    return Pen(np.random.default_rng(0))


def drawn(pen, corners, **options):
    pen.line(np.array(corners, float), -20.0, broken=0.0, **options)
    return pen.reflectors[-1]


def test_a_line_is_filled_in_at_equal_steps_and_a_little_uneven(pen):
    x, y = drawn(pen, [[0, 0], [30, 40]]).points.T
    assert np.diff(x) == pytest.approx(0.6 * STEP_MM)
    assert 0.3 * ROUGH_MM < np.std(y - x * 4 / 3) < 1.5 * ROUGH_MM


def test_a_level_line_has_its_level_in_the_middle_and_none_at_open_ends(pen):
    strength = drawn(pen, [[0, 0], [20, 0]]).strength
    assert strength[len(strength) // 2] == pytest.approx(amplitude(-20.0))
    assert strength[0] == 0


def test_a_slanting_line_echoes_by_a_power_of_the_cosine(pen):
    strength = drawn(pen, [[0, 0], [20, 20]], steep=4.0).strength
    assert strength.max() == pytest.approx(amplitude(-20.0) * np.cos(np.pi / 4) ** 4, rel=1e-3)


def test_a_closed_line_does_not_fade(pen):
    square = closed(np.array([[0, 0], [5, 0], [5, 5], [0, 5]], float))
    assert drawn(pen, square, steep=0.0).strength.min() == pytest.approx(amplitude(-20.0))


def test_a_smooth_blob_is_an_ellipse(pen):
    blob = pen.blob((3, 4), (5, 2), rough=0.0)
    assert ((blob - (3, 4)) / (5, 2) ** np.ones(2)) ** 2 @ np.ones(2) == pytest.approx(1, abs=1e-5)


def test_shrinking_moves_every_point_inwards(pen):
    blob = pen.blob((0, 0), (5, 5), rough=0.0)
    assert np.hypot(*shrunk(blob, 0.5).T) == pytest.approx(4.5, abs=1e-4)


def test_a_wave_without_swing_is_straight(pen):
    wave = pen.wave((0, 1), (10, 3), 0.0, count=11)
    assert wave[:, 1] == pytest.approx(1 + 0.2 * wave[:, 0])


def test_a_band_runs_there_and_back():
    band = between(np.array([[0, 0], [1, 0]]), np.array([[0, 2], [1, 2]]))
    assert band.tolist() == [[0, 0], [1, 0], [1, 2], [0, 2]]


def test_dashes_stay_around_their_outline(pen):
    pen.dashes(pen.blob((0, 0), (5, 3), rough=0.0), 40, length=(0.5, 1.0))
    points = np.concatenate([stroke.points for stroke in pen.reflectors])
    assert len(pen.reflectors) == 40
    assert (np.abs(points) < (6, 4)).all()
