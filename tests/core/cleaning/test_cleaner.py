import cv2
import numpy as np
import pytest
import torch

from core.checks import InputError
from core.cleaning.cleaner import Cleaner
from core.grids import Grid

GREY, BRIGHT = 90, 250
TILE = (32, 48)


def marked(size=(70, 100), at=(30, 40), *, colour=True):
    """Speckle around grey 90 with a bright square of 6 px, and where that is."""
    rng = np.random.default_rng(0)
    image = rng.integers(GREY - 20, GREY + 20, (*size, 3) if colour else size).astype(np.uint8)
    inside = np.zeros(size, bool)
    inside[at[0] : at[0] + 6, at[1] : at[1] + 6] = True
    image[inside] = BRIGHT
    return image, inside


def without_bright(tiles):
    """Restore as a network does: bright pixels become grey, and all others change a little."""
    return torch.where(tiles > 0.9, GREY / 255, tiles * 0.98)


def differs(image, restored):
    """Where they differ by more than 50 grey levels."""
    change = np.abs(image.astype(int) - restored)
    return ((change if change.ndim == 2 else change.max(2)) > 50).astype(np.uint8)


def cleaner(restore=without_bright, **options):
    return Cleaner(restore, grid=Grid(size=TILE), difference=differs, **options)


def test_an_annotation_goes_and_all_else_stays_to_the_bit():
    image, inside = marked()
    before = image.copy()
    cleaned = cleaner()(image)
    assert (cleaned.image[inside] == GREY).all()
    near = cv2.dilate(inside.astype(np.uint8), np.ones((5, 5))) > 0
    np.testing.assert_array_equal(cleaned.image[~near], image[~near])
    np.testing.assert_array_equal(image, before)


def test_the_mask_is_what_was_found_and_two_pixels_around():
    image, inside = marked()
    mask = cleaner()(image).mask
    expected = np.zeros(inside.shape, np.uint8)
    expected[28:38, 38:48] = 1  # the square at 30, 40 of 6 px
    assert mask.dtype == np.uint8
    np.testing.assert_array_equal(mask, expected)
    assert inside[30:36, 40:46].all()


def test_pixels_within_the_margin_are_the_network_s():
    image, inside = marked()
    cleaned = cleaner()(image)
    margin = (cleaned.mask > 0) & ~inside
    expected = np.rint(image[margin] * 0.98)
    np.testing.assert_allclose(cleaned.image[margin], expected, atol=1)


def test_whole_takes_every_pixel_from_the_network():
    image, inside = marked()
    cleaned = cleaner(whole=True)(image)
    np.testing.assert_allclose(cleaned.image[~inside], image[~inside] * 0.98, atol=1)
    assert cleaned.mask.sum() < image.shape[0] * image.shape[1] / 10


def test_a_grey_image_stays_grey():
    image, inside = marked(colour=False)
    cleaned = cleaner()(image)
    assert cleaned.image.shape == image.shape
    assert (cleaned.image[inside] == GREY).all()


def test_a_grey_image_is_seen_in_three_equal_channels_and_written_as_luma():
    image = np.full((32, 48), 100, np.uint8)
    seen = []

    def red(tiles):
        seen.append(tiles)
        return tiles * torch.tensor([1.0, 0, 0])[:, None, None]

    cleaned = cleaner(red, whole=True)(image)
    assert seen[0].shape[1:] == (3, *TILE)
    assert torch.equal(seen[0][:, 0], seen[0][:, 2])
    assert np.ptp(cleaned.image) == 0
    assert cleaned.image[0, 0] == round(0.299 * 100)  # ITU-R BT.601


def test_a_network_that_does_nothing_leaves_the_image_and_an_empty_mask():
    image, _ = marked()
    cleaned = cleaner(lambda tiles: tiles, whole=True)(image)
    np.testing.assert_array_equal(cleaned.image, image)
    assert not cleaned.mask.any()


@pytest.mark.parametrize("size", [(1, 1), (5, 300), (33, 49), (150, 20)])
def test_images_of_any_size_come_back_at_theirs(size):
    cleaned = cleaner()(np.full((*size, 3), GREY, np.uint8))
    assert cleaned.image.shape == (*size, 3)
    assert cleaned.mask.shape == size


@pytest.mark.parametrize("scale", [0.5, 2.0])
def test_the_network_sees_the_image_at_its_scale(scale):
    seen = []

    def watched(tiles):
        seen.append(tiles)
        return without_bright(tiles)

    small = Cleaner(watched, grid=Grid(size=(35, 50)), difference=differs, scale=scale)
    image, inside = marked((70, 100), at=(30, 40))
    cleaned = small(image)
    # of 35 x 50 with 8 shared; the image is 35 x 50 or 140 x 200, with 4 more on each side
    assert sum(len(tiles) for tiles in seen) == (2 * 2 if scale == 0.5 else 6 * 5)
    assert (cleaned.image[inside] < BRIGHT - 70).all()
    near = cv2.dilate(inside.astype(np.uint8), np.ones((13, 13))) > 0
    np.testing.assert_array_equal(cleaned.image[~near], image[~near])


def test_values_beyond_white_are_cut_off():
    cleaned = cleaner(lambda tiles: tiles + 2, whole=True)(np.full((9, 9), 50, np.uint8))
    assert (cleaned.image == 255).all()


@pytest.mark.parametrize(("keep_aspect", "size"), [(False, (32, 48)), (True, (32, 46))])
def test_an_image_that_is_to_fit_is_seen_at_the_trainings_scale(keep_aspect, size):
    grid, seen = Grid(size=TILE, keep_aspect=keep_aspect), []

    def watched(tiles):
        seen.append(tiles)
        return without_bright(tiles)

    image, _ = marked((70, 100), at=(30, 40))
    cleaned = Cleaner(watched, grid=grid, difference=differs, scale="fit")(image)
    expected = cv2.resize(image, size[::-1], interpolation=cv2.INTER_AREA)
    framed = cv2.copyMakeBorder(expected, 4, 4, 4, 4, cv2.BORDER_REFLECT)
    got = seen[0][0].permute(1, 2, 0).numpy()
    np.testing.assert_allclose(got, framed[: TILE[0], : TILE[1]] / 255, atol=1e-6)
    assert (cleaned.image[32:34, 42:44] < BRIGHT - 70).all()
    assert cleaned.image.shape == image.shape


def test_edges_are_seen_mirrored():
    """A network that pads with zeros errs at the edge of what it sees, not at the image's."""
    kernel = torch.full((3, 1, 5, 5), 1 / 25)

    def blurred(tiles):
        return torch.nn.functional.conv2d(tiles, kernel, padding=2, groups=3)

    image = np.full((40, 60, 3), GREY, np.uint8)
    cleaned = cleaner(blurred, whole=True)(image).image.astype(int)
    np.testing.assert_allclose(cleaned, image, atol=1)  # a corner left dark would be off by 58


@pytest.mark.parametrize("scale", [0, -1.0])
def test_a_scale_that_is_none_is_refused(scale):
    with pytest.raises(InputError, match="--scale: expected a positive number"):
        cleaner(scale=scale)
