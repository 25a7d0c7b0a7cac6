import cv2
import numpy as np
import pytest

from core.phantoms.median_nerve import draw_nerve, draw_shape, fascicles
from core.phantoms.pen import Pen


def shape(seed, *, bifid=False):
    return draw_shape(np.random.default_rng(seed), bifid=bifid)


def area(outlines):
    return sum(cv2.contourArea(outline) for outline in outlines)


def flatness(outline):
    width, height = np.ptp(outline, axis=0)
    return width / height


@pytest.mark.parametrize("bifid", [False, True])
@pytest.mark.parametrize("level_cm", [-1, 2, 10])
def test_contours_hold_the_area_of_their_level(level_cm, bifid):
    nerve = shape(4, bifid=bifid)
    drawn = area(nerve.contours(level_cm))
    assert drawn == pytest.approx(nerve.area_mm2(level_cm), rel=0.02)


def test_area_changes_smoothly_along_the_arm():
    areas = [area(shape(7).contours(level)) for level in np.arange(-1, 11.5, 0.5)]
    steps = np.diff(areas) / areas[:-1]
    assert steps.max() < 1e-6
    assert steps.min() > -0.06


def test_wrist_to_forearm_ratios_have_the_spread_of_healthy_hands():
    ratios = [area(shape(k).contours(0)) / area(shape(k).contours(10)) for k in range(150)]
    assert np.mean(ratios) == pytest.approx(1.4, abs=0.05)
    assert 0.08 < np.std(ratios) < 0.2
    assert min(ratios) > 1.05


def test_the_nerve_is_flatter_at_the_wrist():
    at_wrist, on_forearm = (
        np.array([flatness(shape(k).contours(level)[0]) for k in range(50)]) for level in (0, 10)
    )
    assert (at_wrist > on_forearm).mean() > 0.9
    assert on_forearm.mean() < 2 < at_wrist.mean()


@pytest.mark.parametrize("level_cm", [0, 10])
def test_two_masses_lie_side_by_side_with_a_gap(level_cm):
    for seed in range(20):
        left, right = shape(seed, bifid=True).contours(level_cm)
        assert right[:, 0].min() - left[:, 0].max() > 0.5
        assert abs(left[:, 1].mean() - right[:, 1].mean()) < 1


def test_fascicles_are_a_honeycomb_inside_the_contour():
    for seed in range(10):
        contour = shape(seed).contours(0)[0]
        found = fascicles(np.random.default_rng(seed), contour)
        inside = [
            cv2.pointPolygonTest(contour, p.tolist(), False) >= 0 for p in np.concatenate(found)
        ]
        assert 5 <= len(found) <= 30
        assert np.mean(inside) > 0.9


def test_a_nerve_is_painted_rim_first_then_matrix_then_fascicles():
    pen, contour = Pen(np.random.default_rng(0)), shape(0).contours(0)[0]
    draw_nerve(pen, contour)
    rim, matrix, *bundles = [region.level_db for region in pen.regions]
    assert rim > matrix > max(bundles) + 6
