import numpy as np
import pytest

from core.phantoms.bmode import amplitude
from core.phantoms.pen import Pen, closed
from core.phantoms.sketch import STEP_MM
from core.phantoms.strokes import fibres, traces, within_band, within_ovals

X = np.arange(0, 20, 0.25)
DOWN, ASIDE = np.array([0, 0.25]), np.array([20, 5])


@pytest.fixture
def pen():
    return Pen(np.random.default_rng(0))


def line(slope=0.0):
    return np.stack([X, slope * X], 1)


def drawn(pen, *lines, levels_db=-20.0, **options):
    traces(pen, np.stack(lines), levels_db, broken=0.0, **options)
    return pen.reflectors[-1].strength.reshape(len(lines), -1)


def test_a_level_line_echoes_as_much_for_each_mm_as_that_of_a_pen(pen):
    pen.line(line(), -20.0, broken=0.0)
    strength = pen.reflectors[-1].strength
    for_each_mm = strength[len(strength) // 2] / STEP_MM
    assert drawn(pen, line())[0, 40] / 0.25 == pytest.approx(for_each_mm, rel=1e-3)


def test_a_slanting_line_echoes_by_a_power_of_the_cosine(pen):
    level, slanting = drawn(pen, line(), line(1.0), steep=4.0)
    steps = np.sqrt(2)  # as many points on a longer way
    assert slanting.max() / level.max() == pytest.approx(steps * np.cos(np.pi / 4) ** 4, rel=1e-3)


def test_each_line_has_its_own_level(pen):
    bright, faint = drawn(pen, line(), line(), levels_db=(-20.0, -40.0))
    assert bright.max() / faint.max() == pytest.approx(10, rel=1e-4)


def test_an_open_line_fades_at_its_ends_and_a_closed_one_does_not(pen):
    open_line = drawn(pen, line())[0]
    square = closed(np.concatenate([line(), line()[::-1] + DOWN]))
    assert open_line[0] == open_line[-1] == 0
    assert drawn(pen, square, steep=0.0).min() == pytest.approx(
        float(amplitude(-20.0)) * 0.25 / STEP_MM, rel=1e-3
    )


def test_fibres_lie_around_their_middles_and_slope_as_told(pen):
    middles = np.array([(3.0, 4.0), (30.0, 8.0)])
    fibres(pen, middles, -20.0, length_mm=2.0, tilts=(0.5, -0.5))
    points = pen.reflectors[-1].points.reshape(2, -1, 2)
    assert np.abs(points[..., 0] - middles[:, :1]).max() < 1.7
    rises = [np.polyfit(*stroke.T, 1)[0] for stroke in points]
    assert rises == pytest.approx([0.5, -0.5], abs=0.35)


def test_a_longer_fibre_echoes_more(pen):
    sums = []
    for length in (1.0, 4.0):
        fibres(pen, np.zeros((200, 2)), -20.0, length_mm=length)
        sums.append(pen.reflectors[-1].strength.sum())
    assert sums[1] / sums[0] == pytest.approx(4, rel=0.25)


def test_points_in_ovals_are_as_many_as_told_and_inside(pen):
    turn = np.linspace(0, 2 * np.pi, 40)
    oval = np.stack([3 * np.cos(turn), np.sin(turn)], 1)
    points = within_ovals(pen, np.stack([oval, oval + ASIDE]), np.array([30, 70]))
    first, second = points[:30], points[30:] - ASIDE
    assert len(points) == 100
    for inner in (first, second):
        assert ((inner / (3, 1)) ** 2).sum(1).max() < 1
        assert np.abs(inner[:, 0]).max() > 1.5


def test_points_in_a_band_lie_between_its_lines(pen):
    points = within_band(pen, line(0.1), line(0.1) + 12 * DOWN, 50)
    above = points[:, 1] - 0.1 * points[:, 0]
    assert above.min() > 0
    assert above.max() < 3
