import numpy as np
import pytest

from core.checks import InputError
from core.reports.contours import (
    PREDICTION_RGB,
    STRUCTURE_RGB,
    TRUTH_RGB,
    draw_contours,
    draw_each,
    outline_picture,
    outline_structures,
)

# Machado, Oliveira and Fernandes, IEEE TVCG 2009;15:1291, severity 1, on linear RGB.
VISIONS = {
    "normal": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
XYZ_OF_RGB = [
    [0.4124564, 0.3575761, 0.1804375],
    [0.2126729, 0.7151522, 0.0721750],
    [0.0193339, 0.1191920, 0.9503041],
]  # IEC 61966-2-1


def square(size=60, start=20, stop=40):
    mask = np.zeros((size, size), np.uint8)
    mask[start:stop, start:stop] = 1
    return mask


def nearest_colour(picture, colour):
    return np.abs(picture.astype(int) - colour).sum(axis=-1) < 30


def seen_as_lab(rgb, vision):
    """CIELAB of sRGB colours as seen with a kind of vision; the formulas of CIE 15:2004."""
    share = np.asarray(rgb, float) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    xyz = np.clip(linear @ np.transpose(VISIONS[vision]), 0, 1) @ np.transpose(XYZ_OF_RGB)
    part = xyz / np.sum(XYZ_OF_RGB, axis=1)  # white is 1, 1, 1
    x, y, z = np.where(part > 216 / 24389, np.cbrt(part), (24389 / 27 * part + 16) / 116).T
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


@pytest.mark.parametrize("vision", VISIONS)
def test_truth_is_lighter_and_both_are_far_from_grey_in_every_vision(vision):
    truth, prediction = seen_as_lab([TRUTH_RGB, PREDICTION_RGB], vision)
    greys = seen_as_lab(np.arange(256)[:, None].repeat(3, axis=1), vision)
    assert truth[0] - prediction[0] > 25
    for colour in (truth, prediction):
        assert np.linalg.norm(greys - colour, axis=1).min() > 35


@pytest.mark.parametrize(
    ("vision", "lightness"),
    [
        ("normal", (90, 56)),
        ("protanopia", (91, 44)),
        ("deuteranopia", (88, 62)),
        ("tritanopia", (89, 54)),
    ],
)
def test_lightness_of_truth_and_prediction(vision, lightness):
    seen = seen_as_lab([TRUTH_RGB, PREDICTION_RGB], vision)[:, 0]
    assert seen == pytest.approx(lightness, abs=0.6)


def test_outline_is_drawn_on_the_boundary_and_the_inside_stays_visible():
    image = np.full((60, 60), 100, np.uint8)
    picture = draw_contours(image, square(), None)
    assert picture.shape == (60, 60, 3)
    assert tuple(picture[20, 30]) == TRUTH_RGB
    assert tuple(picture[30, 30]) == (100, 100, 100)
    assert tuple(picture[5, 5]) == (100, 100, 100)


def test_image_that_is_given_stays_as_it_was():
    image = np.full((60, 60, 3), 100, np.uint8)
    draw_contours(image, square(), square())
    assert (image == 100).all()


def test_prediction_is_solid_without_truth_and_dashed_beside_it():
    image = np.zeros((60, 60), np.uint8)
    alone = nearest_colour(
        draw_contours(image, np.zeros((60, 60), np.uint8), square()), PREDICTION_RGB
    )
    beside = nearest_colour(draw_contours(image, square(start=2, stop=8), square()), PREDICTION_RGB)
    assert alone[20, 20:40].all()
    assert 0 < beside.sum() < alone.sum()


def test_both_outlines_stay_visible_where_they_coincide():
    picture = draw_contours(np.zeros((60, 60), np.uint8), square(), square())
    assert nearest_colour(picture, TRUTH_RGB).any()
    assert nearest_colour(picture, PREDICTION_RGB).any()


def test_hole_is_outlined_too():
    mask = square(start=10, stop=50)
    mask[25:35, 25:35] = 0
    picture = draw_contours(np.zeros((60, 60), np.uint8), mask, None)
    assert nearest_colour(picture, TRUTH_RGB)[20:40, 20:40].any()


def test_mask_of_one_pixel_is_visible():
    mask = np.zeros((60, 60), np.uint8)
    mask[30, 30] = 255
    assert tuple(draw_contours(np.zeros((60, 60), np.uint8), mask, None)[30, 30]) == TRUTH_RGB


def test_lines_grow_with_the_image():
    large = np.zeros((960, 960), np.uint8)
    picture = draw_contours(large, square(960, 300, 600), None)
    assert nearest_colour(picture, TRUTH_RGB)[280:320, 450].sum() >= 3


def test_outline_picture_brings_sizes_to_one_side():
    mask = np.zeros((100, 60), np.uint8)
    mask[40:60, 10:40] = 1
    picture = outline_picture(np.zeros((100, 60), np.uint8), mask, None, 360)
    assert picture.shape == (360, 216, 3)
    assert nearest_colour(picture, TRUTH_RGB)[144, 90]


def test_tall_images_stay_wide_enough_to_be_looked_at():
    picture = outline_picture(np.zeros((400, 100), np.uint8), None, None, 360)
    assert picture.shape == (864, 216, 3)


def test_mask_of_another_size_is_refused_by_name():
    with pytest.raises(InputError, match=r"prediction: expected shape \(60, 60\) like its image"):
        draw_contours(np.zeros((60, 60), np.uint8), None, square(40, 5, 10))


def test_image_with_two_channels_is_refused():
    with pytest.raises(InputError, match=r"image: expected shape \(H, W\) or \(H, W, 3\)"):
        draw_contours(np.zeros((8, 8, 2), np.uint8), None, None)


def test_each_structure_is_outlined_in_its_colour():
    mask = np.zeros((100, 200), np.uint8)
    mask[20:60, 20:60], mask[20:60, 120:160] = 1, 2
    picture = outline_structures(np.zeros((100, 200), np.uint8), mask, 200)
    left, right = picture[:, :100].reshape(-1, 3), picture[:, 100:].reshape(-1, 3)
    for side, colour in ((left, STRUCTURE_RGB[0]), (right, STRUCTURE_RGB[1])):
        assert (side == colour).all(1).any()
    assert not (left == STRUCTURE_RGB[1]).all(1).any()


def test_structures_that_touch_stay_apart():
    mask = np.zeros((60, 60), np.uint8)
    mask[10:50, 10:30], mask[10:50, 30:50] = 1, 2
    image = np.full((60, 60), 90, np.uint8)
    drawn = draw_each(image, mask, None)
    assert (drawn[30, 28:32] == TRUTH_RGB).all(axis=1).any()
    assert not (draw_contours(image, mask, None)[30, 28:32] == TRUTH_RGB).all(axis=1).any()
