"""Moment ellipses against hand-worked cases, NumPy, SciPy and OpenCV."""

from dataclasses import replace
from math import acos, atan2, hypot, isnan, pi, sqrt

import cv2
import numpy as np
import pytest
from scipy import ndimage

from core.checks import InputError
from core.shapes import Ellipse, draw, ellipticity, moment_ellipse

SIZE = (120, 160)
LYING = Ellipse(row=60, column=80, semi_major_px=40, semi_minor_px=18, angle_rad=0.4)


def rectangle(top, left, height, width, size=SIZE):
    mask = np.zeros(size, np.uint8)
    mask[top : top + height, left : left + width] = 1
    return mask


def blob(seed):
    noise = np.random.default_rng(seed).standard_normal(SIZE)
    return (ndimage.gaussian_filter(noise, 6) > 0.04).astype(np.uint8)


def by_foci(ellipse, size):
    """The pixels whose distances to the two foci add up to the longest diameter at most."""
    reach = sqrt(ellipse.semi_major_px**2 - ellipse.semi_minor_px**2)
    dy, dx = reach * np.sin(ellipse.angle_rad), reach * np.cos(ellipse.angle_rad)
    y, x = np.indices(size)
    total = sum(
        np.hypot(y - ellipse.row - sign * dy, x - ellipse.column - sign * dx) for sign in (-1, 1)
    )
    return total <= 2 * ellipse.semi_major_px


def test_rectangle_worked_by_hand():
    ellipse = moment_ellipse(rectangle(20, 30, 4, 10))
    assert (ellipse.row, ellipse.column, ellipse.angle_rad) == (21.5, 34.5, 0)
    assert ellipse.semi_major_px == pytest.approx(10 / sqrt(3))  # 2 sqrt(10^2 / 12)
    assert ellipse.semi_minor_px == pytest.approx(4 / sqrt(3))


def test_upright_rectangle_has_its_longest_diameter_along_the_rows():
    assert abs(moment_ellipse(rectangle(20, 30, 10, 4)).angle_rad) == pytest.approx(pi / 2)


def test_one_pixel_has_the_moments_of_its_square():
    ellipse = moment_ellipse(rectangle(3, 5, 1, 1))
    assert (ellipse.row, ellipse.column) == (3, 5)
    assert ellipse.semi_major_px == pytest.approx(1 / sqrt(3))
    assert ellipse.semi_minor_px == pytest.approx(1 / sqrt(3))


def test_two_diagonal_pixels_worked_by_hand():
    ellipse = moment_ellipse(np.eye(2, dtype=np.uint8))
    assert ellipse.angle_rad == pytest.approx(pi / 4)  # down to the right: rows grow with columns
    assert ellipse.semi_major_px == pytest.approx(2 * sqrt(1 / 2 + 1 / 12))
    assert ellipse.semi_minor_px == pytest.approx(2 * sqrt(1 / 12))


@pytest.mark.parametrize("seed", range(3))
def test_any_mask_agrees_with_numpys_covariance_and_scipys_centre(seed):
    mask = blob(seed)
    rows, columns = np.nonzero(mask)
    values, vectors = np.linalg.eigh(np.cov(columns, rows, bias=True) + np.eye(2) / 12)
    ellipse = moment_ellipse(mask)
    assert (ellipse.row, ellipse.column) == pytest.approx(ndimage.center_of_mass(mask))
    axes = (ellipse.semi_minor_px, ellipse.semi_major_px)
    assert axes == pytest.approx(tuple(2 * np.sqrt(values)))
    difference = ellipse.angle_rad - atan2(vectors[1, 1], vectors[0, 1])
    assert np.sin(difference) == pytest.approx(0, abs=1e-9)  # a direction, of either sign


@pytest.mark.parametrize("angle", [-1.2, 0.0, 0.4, 1.5])
def test_drawn_ellipse_is_found_again_as_opencv_finds_it_by_its_outline(angle):
    drawn = draw(replace(LYING, angle_rad=angle), SIZE)
    found = moment_ellipse(drawn)
    assert found.semi_major_px == pytest.approx(40, rel=0.005)
    assert found.semi_minor_px == pytest.approx(18, rel=0.005)
    assert found.angle_rad == pytest.approx(angle, abs=0.005)
    outline = cv2.findContours(drawn, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0][0]
    (x, y), diameters, _ = cv2.fitEllipseDirect(outline)
    assert (found.column, found.row) == pytest.approx((x, y), abs=0.3)
    assert sorted((2 * found.semi_major_px, 2 * found.semi_minor_px)) == pytest.approx(
        sorted(diameters),
        abs=1.5,  # the outline runs through the centres of the outermost pixels
    )


def test_masks_of_255_are_those_of_1():
    assert moment_ellipse(blob(0) * 255) == moment_ellipse(blob(0))


def test_empty_mask_has_no_ellipse():
    with pytest.raises(InputError, match="mask: expected one with foreground"):
        moment_ellipse(np.zeros(SIZE, np.uint8))


@pytest.mark.parametrize("angle", [-1.5, -0.7, 0.0, 0.4, pi / 2])
def test_drawn_pixels_are_those_between_the_foci(angle):
    ellipse = replace(LYING, row=57.3, column=81.6, angle_rad=angle)
    assert np.array_equal(draw(ellipse, SIZE) > 0, by_foci(ellipse, SIZE))


@pytest.mark.parametrize("place", [(0, 0), (119, 159), (-10, 80), (60, 175), (130, -20)])
def test_what_lies_beyond_the_grid_is_cut_off(place):
    ellipse = replace(LYING, row=place[0], column=place[1])
    assert np.array_equal(draw(ellipse, SIZE) > 0, by_foci(ellipse, SIZE))


def test_ellipse_wholly_beyond_the_grid_leaves_it_empty():
    for row, column in ((-300, 80), (60, -300), (400, 80), (60, 400)):
        assert not draw(replace(LYING, row=row, column=column), SIZE).any()


def test_ellipse_scaled_to_an_area_keeps_place_and_aspect():
    scaled = LYING.with_area(500)
    assert scaled.area_px == pytest.approx(500)
    assert scaled.semi_major_px / scaled.semi_minor_px == pytest.approx(40 / 18)
    assert (scaled.row, scaled.column, scaled.angle_rad) == (60, 80, 0.4)


@pytest.mark.parametrize(("major", "minor"), [(8, 4), (40, 18), (50, 12)])
def test_ellipticity_of_an_ellipse_is_1(major, minor):
    ellipse = replace(LYING, semi_major_px=major, semi_minor_px=minor)
    assert ellipticity(draw(ellipse, SIZE)) > (0.98 if minor > 10 else 0.93)


@pytest.mark.parametrize(("height", "width"), [(101, 101), (31, 150)])
def test_ellipticity_of_every_rectangle_is_that_of_the_square(height, width):
    radius = 1 / sqrt(pi)  # of the disc of area 1; four of its segments stick out of the square
    segment = radius**2 * acos(0.5 / radius) - 0.5 * sqrt(radius**2 - 0.25)
    shared = 1 - 4 * segment
    found = ellipticity(rectangle(5, 5, height, width))
    assert found == pytest.approx(shared / (2 - shared), abs=0.01)


def test_ellipticity_falls_with_a_vessel_attached():
    disc = Ellipse(row=38, column=80, semi_major_px=11, semi_minor_px=11, angle_rad=0)
    nerve = draw(replace(LYING, angle_rad=0), SIZE)
    assert ellipticity(nerve | draw(disc, SIZE)) < 0.9 < ellipticity(nerve)


def test_ellipticity_does_not_depend_on_where_the_image_ends():
    mask = rectangle(0, 0, 30, 40)
    mask[:10, :10] = 0
    assert ellipticity(mask[:30, :40]) == ellipticity(np.pad(mask, 60))


def test_ellipticity_of_one_pixel_is_1_and_of_none_undefined():
    assert ellipticity(rectangle(3, 3, 1, 1)) == 1
    assert isnan(ellipticity(np.zeros(SIZE, np.uint8)))


def test_ellipticity_is_the_iou_with_the_ellipse_drawn_beyond_the_border():
    mask = np.pad(blob(1), 80)
    ellipse = draw(moment_ellipse(mask).with_area(mask.sum()), mask.shape)
    iou = np.count_nonzero(mask & ellipse) / np.count_nonzero(mask | ellipse)
    assert ellipticity(mask) == pytest.approx(iou, abs=0.002)


def test_moment_ellipse_has_the_masks_moments():
    ellipse = moment_ellipse(blob(2))
    rows, columns = np.nonzero(blob(2))
    spread = rows.var() + columns.var() + 1 / 6
    assert hypot(ellipse.semi_major_px, ellipse.semi_minor_px) == pytest.approx(2 * sqrt(spread))
