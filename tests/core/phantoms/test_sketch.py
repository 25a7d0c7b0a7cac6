import numpy as np
import pytest

from core.phantoms.bmode import amplitude
from core.phantoms.sketch import COARSE, Maps, Reflector, Region, Sketch, encoded, filled

STILL = np.zeros(2, np.float32)
FLUID_DB = -60.0
SQUARE = np.array([[10, 10], [30, 10], [30, 30], [10, 30]], np.float32)
POINT = Reflector(np.array([[20.25, 40.5]]), np.array([1.0]), STILL, 0.0, 1e6)


def painted(regions, reflectors, **options):
    maps = Maps((64, 64), -40.0)
    given = {"sweep_mm": 0.0, "step_px": 1.0, **options}
    Sketch(regions, reflectors).paint(maps, lambda points: points, **given)
    return maps


def test_a_region_has_its_level_inside_and_the_base_outside():
    flat = encoded(np.zeros((64, 64), np.float32))
    tissue = painted([Region(SQUARE, -20.0, STILL)], [POINT]).tissue(flat)
    assert tissue[20, 20] == pytest.approx(amplitude(-20.0), rel=0.03)
    assert tissue[50, 50] == pytest.approx(amplitude(-40.0), rel=0.03)


def test_texture_raises_and_lowers_the_level():
    texture = np.zeros((64, 64), np.float32)
    texture[:32], texture[32:] = 6.0, -6.0
    tissue = Maps((64, 64), -40.0).tissue(encoded(texture))
    assert tissue[0, 0] / tissue[-1, 0] == pytest.approx(amplitude(12.0), rel=0.01)


def test_only_regions_that_absorb_reach_the_attenuation_map():
    maps = painted([Region(SQUARE, -20.0, STILL, 3.0), Region(SQUARE, -30.0, STILL)], [POINT])
    assert maps.attenuation[20 // COARSE, 20 // COARSE] == 3.0
    assert maps.attenuation[50 // COARSE, 50 // COARSE] == 0.0


def test_a_reflector_is_shared_among_four_pixels():
    maps = painted([Region(SQUARE, -20.0, STILL)], [POINT])
    assert maps.reflectors(FLUID_DB)[40:42, 20:22] == pytest.approx(np.array([[0.375, 0.125]] * 2))
    assert maps.reflectors(FLUID_DB).sum() == pytest.approx(1)


def test_a_reflector_outside_the_image_is_lost():
    outside = Reflector(np.array([[-3.0, 5.0], [63.5, 5.0]]), np.ones(2), STILL, 0.0, 1e6)
    assert painted([Region(SQUARE, -20.0, STILL)], [outside]).reflectors(FLUID_DB).sum() == 0


def test_drift_moves_along_the_sweep():
    drifting = Reflector(POINT.points, POINT.strength, np.array([0.5, 0]), 0.0, 1e6)
    maps = painted([Region(SQUARE, -20.0, STILL)], [drifting], sweep_mm=20.0)
    assert maps.reflectors(FLUID_DB)[40, 30] == pytest.approx(0.375)


def test_a_reflector_is_left_behind_on_the_sweep():
    brief = Reflector(POINT.points, POINT.strength, STILL, 3.0, 2.0)
    sums = [
        painted([Region(SQUARE, -20.0, STILL)], [brief], sweep_mm=place).reflectors(FLUID_DB).sum()
        for place in (3.0, 5.0, 30.0)
    ]
    assert sums == pytest.approx([1, np.exp(-1), 0], abs=1e-6)


def test_nothing_reflects_in_fluid():
    inside = Reflector(np.array([[20.0, 20.0], [50.0, 50.0]]), np.ones(2), STILL, 0.0, 1e6)
    maps = painted([Region(SQUARE, -70.0, STILL)], [inside])
    assert maps.reflectors(FLUID_DB)[20, 20] == 0
    assert maps.reflectors(FLUID_DB)[50, 50] == 1


def test_what_is_painted_later_hides_reflectors_inside_it_only():
    points = np.array([[20.0, 20.0], [50.0, 50.0]])
    base = Region(np.zeros((3, 2)), -40.0, STILL)
    maps = painted([base], [Reflector(points, np.ones(2), STILL, 0.0, 1e6)])
    Sketch([Region(SQUARE, -20.0, STILL)], [POINT]).hide(maps, lambda points: points)
    assert maps.reflectors(FLUID_DB)[20, 20] == 0
    assert maps.reflectors(FLUID_DB)[50, 50] == 1


def test_a_filled_mask_is_the_union_of_its_outlines():
    mask = filled([SQUARE, SQUARE + 10], (64, 64))
    assert mask[25, 25] == mask[12, 12] == mask[38, 38] == 1
    assert mask[35, 15] == mask[50, 50] == 0


def test_what_passes_is_of_the_size_of_the_image():
    maps = painted([Region(SQUARE, -20.0, STILL, 2.0)], [POINT])
    passed = 20 * np.log10(maps.passed(0.1))
    assert passed.shape == (64, 64)
    assert passed[60, 20] == pytest.approx(-2 * 2.0 * 0.1 * 20, rel=0.25)
    assert passed[60, 60] == 0
