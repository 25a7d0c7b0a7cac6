"""Masks of what was removed: Otsu's threshold by its definition, masses by SciPy."""

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from core.checks import InputError
from core.shapes import DifferenceMask

PAPERS = DifferenceMask(two_sided=False, floor=0)
ANNOTATION = (slice(20, 30), slice(5, 45))


def tissue(size=(60, 70), seed=0):
    """Draw grey speckle as RGB (H, W, 3) uint8."""
    speckle = np.random.default_rng(seed).normal(90, 25, size).clip(20, 200).astype(np.uint8)
    return np.repeat(speckle[..., None], 3, axis=2)


def annotated(clean, colour):
    image = clean.copy()
    image[ANNOTATION] = colour
    return image


def truth(clean):
    mask = np.zeros(clean.shape[:2], np.uint8)
    mask[ANNOTATION] = 1
    return mask


def noisy(clean, levels=3, seed=1):
    """Change each value by up to so many levels, as a network does."""
    change = np.random.default_rng(seed).integers(-levels, levels + 1, clean.shape)
    return np.clip(clean.astype(int) + change, 0, 255).astype(np.uint8)


def otsu(values):
    """Return the level t that parts values <= t from those > t with the most variance between."""
    found = {}
    for level in range(int(values.min()), int(values.max())):
        low, high = values[values <= level], values[values > level]
        found[level] = low.size * high.size * (low.mean() - high.mean()) ** 2
    return max(found, key=found.get)


def masses_of(mask, smallest):
    labels, count = ndimage.label(mask, structure=np.ones((3, 3)))
    sizes = ndimage.sum_labels(np.ones_like(labels), labels, range(count + 1))
    kept = sizes >= smallest
    kept[0] = False
    return kept[labels].astype(np.uint8)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("two_sided", [False, True])
def test_mask_is_above_otsus_threshold_without_masses_of_five_and_less(seed, two_sided):
    rng = np.random.default_rng(seed)
    image, restored = (rng.integers(0, 256, (40, 50, 3)).astype(np.uint8) for _ in range(2))
    find = DifferenceMask(two_sided, floor=0, ceiling=255)
    difference = find.difference(image, restored)
    above = difference > otsu(difference)
    expected = above if two_sided else masses_of(above, 6)  # gaps part nothing in such noise
    assert 0 < expected.mean() < 1
    np.testing.assert_array_equal(find(image, restored), expected)


def test_the_papers_difference_is_of_greys_and_never_negative():
    image, restored = tissue(seed=2), annotated(tissue(seed=3), (200, 40, 90))
    greys = [np.asarray(Image.fromarray(of).convert("L")).astype(int) for of in (image, restored)]
    found = PAPERS.difference(image, restored)
    assert found.dtype == np.uint8
    assert np.abs(found - np.clip(greys[0] - greys[1], 0, None)).max() <= 1  # Pillow's rounding
    assert (found[greys[0] < greys[1] - 1] == 0).all()


def test_two_sided_difference_is_the_largest_of_a_channel():
    image, restored = annotated(tissue(), (10, 200, 90)), tissue()
    expected = np.abs(image.astype(int) - restored).max(axis=2)
    np.testing.assert_array_equal(DifferenceMask().difference(image, restored), expected)


@pytest.mark.parametrize("find", [PAPERS, DifferenceMask()])
def test_bright_annotation_is_found_either_way(find):
    clean = tissue()
    image = annotated(clean, (255, 255, 255))
    np.testing.assert_array_equal(find(image, noisy(clean)), truth(clean))


def test_dark_annotation_is_found_only_two_sided():
    clean = tissue()
    clean[ANNOTATION] = clean[ANNOTATION].clip(60)
    image = annotated(clean, (0, 0, 0))
    np.testing.assert_array_equal(DifferenceMask()(image, noisy(clean)), truth(clean))
    assert (PAPERS(image, noisy(clean)) & truth(clean)).sum() == 0


def test_annotation_of_the_tissues_grey_is_found_only_two_sided():
    """Pure green of 150 has the grey 88."""
    clean = np.full((60, 70, 3), 88, np.uint8)
    image = annotated(clean, (0, 150, 0))
    np.testing.assert_array_equal(DifferenceMask()(image, clean), truth(clean))
    assert not PAPERS(image, clean).any()


def test_nothing_removed_is_an_empty_mask_thanks_to_the_floor():
    clean = tissue()
    assert not DifferenceMask()(clean, noisy(clean)).any()
    assert DifferenceMask(floor=0)(clean, noisy(clean)).any()


@pytest.mark.parametrize(("floor", "found"), [(40, True), (41, False)])
def test_a_difference_of_just_the_floor_counts(floor, found):
    clean = np.full((60, 70, 3), 50, np.uint8)
    image = annotated(clean, (90, 90, 90))
    assert DifferenceMask(floor=floor)(image, clean).any() == found


@pytest.mark.parametrize(("ceiling", "found"), [(39, True), (40, False)])
def test_a_faint_annotation_beside_a_bright_one_counts_above_the_ceiling(ceiling, found):
    clean = np.full((40, 40, 3), 60, np.uint8)
    image = clean.copy()
    image[5:15, 5:15], image[25:30, 25:35] = 255, 100
    mask = DifferenceMask(ceiling=ceiling)(image, clean)
    assert mask[5:15, 5:15].all()
    assert mask[25:30, 25:35].all() == found
    assert not DifferenceMask(ceiling=255)(image, clean)[25:30].any()


def test_equal_images_differ_nowhere():
    for find in (PAPERS, DifferenceMask(floor=0)):
        assert not find(tissue(), tissue()).any()


def test_the_papers_masses_count_from_the_smallest_size_on_also_across_corners():
    clean = np.zeros((20, 30), np.uint8)
    image = clean.copy()
    image[range(6), range(6)] = 200  # six pixels that touch at corners
    image[10, 3:8] = 200  # five in a row
    assert PAPERS(image, clean).sum() == 6
    assert DifferenceMask(two_sided=False, smallest=5)(image, clean).sum() == 11
    assert DifferenceMask(two_sided=False, smallest=7)(image, clean).sum() == 0


def test_two_sided_dots_of_one_mark_are_one_mass_and_lone_specks_are_none():
    clean = np.zeros((40, 60), np.uint8)
    image = clean.copy()
    image[5, 5:31:5] = 200  # six dots with gaps of 4 px
    image[30, 5:36:6] = 200  # six with gaps of 5 px
    mask = DifferenceMask()(image, clean)
    assert mask[5].sum() == mask.sum() == 6


@pytest.mark.parametrize("two_sided", [False, True])
def test_grey_images_are_as_colour_images_of_equal_channels(two_sided):
    clean = tissue()
    image = annotated(clean, (240, 240, 240))
    find = DifferenceMask(two_sided)
    grey = find(image[..., 0], clean[..., 0])
    assert (grey.dtype, grey.shape) == (np.uint8, (60, 70))
    np.testing.assert_array_equal(grey, find(image, clean))


@pytest.mark.parametrize(
    ("image", "restored", "said"),
    [
        (np.zeros((9, 9)), np.zeros((9, 9), np.uint8), "image: expected .*uint8"),
        (np.zeros((9, 9), np.uint8), np.zeros((9, 9)), "restored: expected .*uint8"),
        (np.zeros((9, 9, 4), np.uint8), np.zeros((9, 9, 4), np.uint8), "image: expected"),
        (np.zeros((9, 9, 3), np.uint8), np.zeros((9, 9), np.uint8), "restored: expected shape"),
        (np.zeros((9, 9), np.uint8), np.zeros((9, 8), np.uint8), "restored: expected shape"),
    ],
)
def test_torn_input_is_refused(image, restored, said):
    with pytest.raises(InputError, match=said):
        DifferenceMask()(image, restored)


@pytest.mark.parametrize(
    ("name", "value"), [("floor", -1), ("floor", 256), ("ceiling", 256), ("smallest", 0)]
)
def test_numbers_out_of_range_are_refused(name, value):
    with pytest.raises(InputError, match=f"{name}: expected"):
        DifferenceMask(**{name: value})
