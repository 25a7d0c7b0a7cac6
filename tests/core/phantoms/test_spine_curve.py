import math

import numpy as np
import pytest

from core.phantoms.spine_curve import Bend, SpineCurve, cobb_deg, draw_curve

BEND = Bend(apex_mm=200, length_mm=240, angle_deg=40)
DOWN = np.linspace(0, 450, 4501)
PAIR = SpineCurve((Bend(160, 360, 20), Bend(340, 360, -20)))


def test_bend_lies_where_the_hand_worked_cosine_has_it():
    # slope tan 20 deg at a quarter of the length: amplitude 240 / pi * tan 20 deg = 27.805 mm
    height = 240 / math.pi * math.tan(math.radians(20))
    offsets = SpineCurve((BEND,)).offset_mm([60, 80, 140, 200, 260, 320, 400])
    expected = np.array([0, 0, 0.5, 1, 0.5, 0, 0]) * height
    np.testing.assert_allclose(offsets, expected, atol=1e-9)


def test_steepest_tangents_make_the_angle_of_the_bend():
    tilts = SpineCurve((BEND,)).tilt_deg([140, 200, 260])
    np.testing.assert_allclose(tilts, [20, 0, -20], atol=1e-9)
    assert cobb_deg(tilts) == pytest.approx(40)


def test_a_negative_angle_bends_to_the_left():
    mirrored = SpineCurve((Bend(200, 240, -40),))
    np.testing.assert_allclose(mirrored.offset_mm(DOWN), -SpineCurve((BEND,)).offset_mm(DOWN))


def test_tilt_is_the_direction_in_which_the_offset_grows():
    slope = np.gradient(PAIR.offset_mm(DOWN), DOWN)
    np.testing.assert_allclose(PAIR.tilt_deg(DOWN), np.degrees(np.arctan(slope)), atol=0.02)


def test_slopes_of_overlapping_bends_add_up():
    # half-way both are at their steepest: tangents of slope -2 tan 10 deg there, tan 10 deg above
    expected = math.degrees(math.atan(2 * math.tan(math.radians(10)))) + 10
    assert cobb_deg(PAIR.tilt_deg(DOWN)) == pytest.approx(expected, abs=1e-3)


def test_angle_of_a_circular_arc_is_its_length_over_its_radius():
    radius, reach = 500.0, np.linspace(-150, 150, 301)
    tilts = np.degrees(np.arctan(reach / np.sqrt(radius**2 - reach**2)))
    assert cobb_deg(tilts) == pytest.approx(2 * math.degrees(math.asin(0.3)))


def test_a_spine_without_bends_is_straight():
    assert cobb_deg(SpineCurve().tilt_deg(DOWN)) == 0
    assert not SpineCurve().offset_mm(DOWN).any()


def test_no_drawn_curve_is_steeper_than_the_severity():
    curves = [draw_curve(np.random.default_rng(seed), 450, 45) for seed in range(300)]
    angles = [cobb_deg(curve.tilt_deg(DOWN)) for curve in curves]
    assert max(angles) <= 45 + 1e-6
    assert max(angles) > 40
    assert min(angles) < 3


def test_drawn_curves_are_single_and_double_to_both_sides():
    curves = [draw_curve(np.random.default_rng(seed), 450, 45) for seed in range(100)]
    single = [curve.bends[0].angle_deg for curve in curves if len(curve.bends) == 1]
    double = [curve.bends for curve in curves if len(curve.bends) == 2]
    assert min(len(single), len(double)) > 25
    assert min(single) < -20
    assert max(single) > 20
    assert all(upper.angle_deg * lower.angle_deg < 0 for upper, lower in double)


def test_severity_zero_draws_a_straight_spine():
    tilts = draw_curve(np.random.default_rng(3), 450, 0).tilt_deg(DOWN)
    assert cobb_deg(tilts) == 0
