import math

import albumentations
import cv2
import numpy as np
import pytest
from scipy import ndimage

from core.checks import InputError
from core.data import KerasAffine
from core.data.augmentation import Augmentation
from core.data.keras_affine import about_centre

STILL = {"rotation_deg": 0, "width_shift": 0, "height_shift": 0, "shear": 0, "zoom": 0}


def smooth(rows=60, columns=80, channels=()):
    """Noise that changes by a few levels from pixel to pixel."""
    noise = np.random.default_rng(0).normal(size=(rows, columns, *channels))
    blurred = ndimage.gaussian_filter(noise, (4, 4, *(0 for _ in channels)))
    return cv2.normalize(blurred, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)


def keras(image, theta_deg, tx, ty, shear_deg, zx, zy):
    """As Keras 2 says it: lists of matrices, scipy's sampling, the centre as it was corrected."""
    theta, shear = np.deg2rad(theta_deg), np.deg2rad(shear_deg)
    matrix = np.array([[np.cos(theta), -np.sin(theta), 0], [np.sin(theta), np.cos(theta), 0], [0, 0, 1]])  # fmt: skip
    matrix = matrix @ [[1, 0, tx], [0, 1, ty], [0, 0, 1]]
    matrix = matrix @ [[1, -np.sin(shear), 0], [0, np.cos(shear), 0], [0, 0, 1]]
    matrix = matrix @ [[zx, 0, 0], [0, zy, 0], [0, 0, 1]]
    middle_row, middle_column = image.shape[0] / 2 - 0.5, image.shape[1] / 2 - 0.5
    matrix = [[1, 0, middle_row], [0, 1, middle_column], [0, 0, 1]] @ matrix
    matrix = matrix @ [[1, 0, -middle_row], [0, 1, -middle_column], [0, 0, 1]]
    planes = image[..., None] if image.ndim == 2 else image
    moved = [
        ndimage.affine_transform(plane, matrix[:2, :2], matrix[:2, 2], order=1, mode="nearest")
        for plane in np.moveaxis(planes.astype(float), -1, 0)
    ]
    return np.stack(moved, -1).reshape(image.shape)


class Fixed:
    """Stands for a random generator: gives these numbers."""

    def __init__(self, draws, flips=(0.9, 0.9)):
        self.draws, self.flips = draws, flips

    def uniform(self, low, high, count):
        assert (low, high, count) == (-1, 1, len(self.draws))
        return np.array(self.draws)

    def random(self, count):
        return np.array(self.flips)


def fixed(draws, flips=(0.9, 0.9), **ranges):
    transform = KerasAffine(**ranges)
    transform.random_generator = Fixed(draws, flips)
    return transform


@pytest.mark.parametrize("size", [(60, 80), (61, 47), (60, 80, 3)])
@pytest.mark.parametrize(
    "draws",
    [
        (1, 0, 0, 0, 0, 0),
        (0, 1, -1, 0, 0, 0),
        (0, 0, 0, -1, 0, 0),
        (0, 0, 0, 0, 1, -1),
        (0.8, -0.6, 0.9, 0.7, -0.9, 0.4),
    ],
)
def test_an_image_is_moved_as_by_keras(size, draws):
    image = smooth(*size[:2], size[2:])
    ranges = {"rotation_deg": 20, "width_shift": 0.1, "height_shift": 0.2, "shear": 15, "zoom": 0.2}
    turn, down, right, slant, tall, wide = draws
    expected = keras(
        image,
        20 * turn,
        0.2 * down * size[0],
        0.1 * right * size[1],
        15 * slant,
        1 + 0.2 * tall,
        1 + 0.2 * wide,
    )
    difference = fixed(draws, **ranges)(image=image)["image"] - expected
    assert np.abs(difference).max() < 2.5  # OpenCV's weights are 1/32 wide
    assert np.abs(difference).mean() < 0.5
    assert np.abs(image - expected).mean() > 5  # what was to be seen


def test_flips_come_after_all_else():
    image, draws = smooth(), (0.8, -0.6, 0.9, 0.7, -0.9, 0.4)
    plain = fixed(draws, shear=20)(image=image)["image"]
    both = fixed(draws, (0.1, 0.1), shear=20, horizontal_flip=True, vertical_flip=True)
    difference = both(image=image)["image"].astype(int) - plain[::-1, ::-1]
    assert np.abs(difference).max() <= 2


@pytest.mark.parametrize(
    ("option", "turned"),
    [("horizontal_flip", np.s_[:, ::-1]), ("vertical_flip", np.s_[::-1])],
)
def test_a_flip_alone_mirrors_half_of_all_images(option, turned):
    image = smooth()
    augment = Augmentation([KerasAffine(**STILL, **{option: True})])
    moved = [augment({"image": image}, number)["image"] for number in range(200)]
    mirrored = [np.array_equal(one, image[turned]) for one in moved]
    assert all(np.array_equal(one, image) for one in np.array(moved)[~np.array(mirrored)])
    assert 75 < sum(mirrored) < 125


def test_without_flips_nothing_is_mirrored():
    image = smooth()
    augment = Augmentation([KerasAffine(**STILL)])
    assert all(np.array_equal(augment({"image": image}, n)["image"], image) for n in range(20))


def drawn(count=2000, **ranges):
    transform = KerasAffine(**{**STILL, **ranges})
    transform.set_random_seed(3)
    shape = {"shape": (60, 80)}
    matrices = [transform.get_params_dependent_on_data(shape, {})["matrix"] for _ in range(count)]
    return np.array(matrices)


def reaches(values, low, high):
    """Whether these are spread evenly over all of a range and nothing else."""
    quarters = np.histogram(values, np.linspace(low, high, 5))[0] / len(values)
    return values.min() >= low and values.max() <= high and np.abs(quarters - 0.25).max() < 0.05


def test_rotation_is_uniform_in_degrees():
    matrices = drawn(rotation_deg=10)
    assert reaches(np.rad2deg(np.arctan2(matrices[:, 1, 0], matrices[:, 0, 0])), -10, 10)


def test_shifts_are_shares_of_their_side():
    matrices = drawn(width_shift=0.1, height_shift=0.2)
    assert reaches(matrices[:, 0, 2], -12, 12)
    assert reaches(matrices[:, 1, 2], -8, 8)


def test_zooms_of_rows_and_columns_are_uniform_and_independent():
    rows, columns = drawn(zoom=0.08)[:, [0, 1], [0, 1]].T
    assert reaches(rows, 0.92, 1.08)
    assert reaches(columns, 0.92, 1.08)
    assert abs(np.corrcoef(rows, columns)[0, 1]) < 0.1


@pytest.mark.parametrize(("unit", "reach"), [("degrees", math.radians(0.03)), ("radians", 0.03)])
def test_shear_is_in_its_unit(unit, reach):
    slants = drawn(shear=0.03, shear_unit=unit)[:, 0, 1]
    assert reaches(-np.arcsin(slants), -reach, reach)


def test_a_mask_moves_with_its_image_and_gets_no_new_values():
    image = smooth()
    mask = np.where(image > 128, 3, 0).astype(np.uint8)
    moved = Augmentation([KerasAffine(rotation_deg=30)])({"image": image, "mask": mask}, 4)
    assert set(np.unique(moved["mask"])) == {0, 3}
    agree = (moved["image"] > 128) == (moved["mask"] > 0)
    assert agree.mean() > 0.98
    assert not np.array_equal(moved["mask"], mask)


def test_edges_are_repeated_beyond_the_image():
    image = np.tile(np.arange(80, dtype=np.uint8), (60, 1))
    moved = fixed((0, 0, 1, 0, 0, 0), **{**STILL, "width_shift": 0.1})(image=image)["image"]
    assert moved[0].tolist() == [*range(8, 80), *[79] * 8]


def test_the_same_numbers_draw_the_same():
    image, augment = smooth(), Augmentation([KerasAffine()], seed=2)
    first, again, other = (augment({"image": image}, n)["image"] for n in (5, 5, 6))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_the_given_image_stays_as_it_was():
    image = smooth()
    image.setflags(write=False)
    KerasAffine()(image=image)


def test_nothing_moved_is_the_image_itself():
    assert np.allclose(about_centre((7, 9), rotation_rad=0, shift_px=(0, 0), shear_rad=0, zoom=(1, 1)), np.eye(3))  # fmt: skip


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"rotation_deg": -1}, "rotation_deg: expected 0 or more, got -1"),
        ({"width_shift": 1}, "width_shift: expected a share from 0 to below 1, got 1"),
        ({"zoom": -0.1}, "zoom: expected a share from 0 to below 1"),
        ({"shear_unit": "share"}, "shear_unit: expected degrees or radians, got share"),
    ],
)
def test_numbers_out_of_range_are_refused(option, message):
    with pytest.raises(InputError, match=message):
        KerasAffine(**option)


def test_it_is_a_transform_of_the_library():
    assert isinstance(KerasAffine(), albumentations.BasicTransform)
