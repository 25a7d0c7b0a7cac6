from math import hypot, isnan

import numpy as np
import pytest
import torch
from monai.metrics import compute_hausdorff_distance
from scipy.ndimage import binary_erosion
from scipy.spatial.distance import cdist, directed_hausdorff

from core.checks import InputError
from core.metrics import hausdorff as module
from core.metrics.hausdorff import hausdorff, outline

EMPTY = np.zeros((40, 70), dtype=bool)


def with_pixels(*pixels):
    mask = EMPTY.copy()
    mask[tuple(np.transpose(pixels))] = True
    return mask


def edge_points(mask, spacing=(1, 1)):
    return np.argwhere(mask & ~binary_erosion(mask)) * np.array(spacing)


def scipy_hd(prediction, truth, spacing=(1, 1)):
    a, b = edge_points(prediction, spacing), edge_points(truth, spacing)
    return max(directed_hausdorff(a, b)[0], directed_hausdorff(b, a)[0])


def monai_distance(prediction, truth, spacing, percentile):
    pair = (torch.from_numpy(mask)[None, None] for mask in (prediction, truth))
    return compute_hausdorff_distance(
        *pair, include_background=True, spacing=list(spacing), percentile=percentile
    ).item()


def test_outline_equals_scipy_erosion(mask_pairs):
    for mask, _ in mask_pairs:
        assert np.array_equal(outline(mask), edge_points(mask))


def test_pixels_at_the_image_border_belong_to_the_outline():
    full = np.ones((4, 5), dtype=bool)
    assert len(outline(full)) == 2 * 5 + 2 * 2


def test_outline_of_a_view_that_is_not_contiguous():
    mask = with_pixels((3, 4), (30, 60))
    assert outline(mask[::-1].T[::2]).tolist() == [[2, 36], [30, 9]]


def test_hd_equals_scipy(mask_pairs):
    for prediction, truth in mask_pairs:
        expected = scipy_hd(prediction, truth)
        assert hausdorff(prediction, truth).hd_px == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("spacing", [(0.2, 0.2), (0.5, 0.1)], ids=["equal", "unequal"])
def test_hd_in_mm_equals_scipy(mask_pairs, spacing):
    for prediction, truth in mask_pairs:
        expected = scipy_hd(prediction, truth, spacing)
        assert hausdorff(prediction, truth, spacing).hd_mm == pytest.approx(expected, abs=1e-4)


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize("spacing", [(0.2, 0.2), (0.5, 0.1)], ids=["equal", "unequal"])
def test_hd_and_hd95_equal_monai(mask_pairs, spacing):
    for pair in mask_pairs:
        ours = hausdorff(*pair, spacing)
        for values, unit in [((ours.hd_px, ours.hd95_px), (1, 1)), ((ours[2], ours[3]), spacing)]:
            expected = [monai_distance(*pair, unit, percentile) for percentile in (None, 95)]
            assert values == pytest.approx(expected, abs=1e-4)


def test_hd95_is_the_larger_directed_percentile_of_numpy(mask_pairs):
    for prediction, truth in mask_pairs:
        table = cdist(edge_points(prediction), edge_points(truth))
        expected = max(np.percentile(table.min(axis=axis), 95) for axis in (0, 1))
        assert hausdorff(prediction, truth).hd95_px == pytest.approx(expected, abs=1e-9)


def test_hand_worked_pixels_on_unequal_spacing():
    ours = hausdorff(with_pixels((0, 0)), with_pixels((3, 4)), (2, 0.5))
    assert ours == pytest.approx((5, 5, hypot(6, 2), hypot(6, 2)))


def test_one_stray_pixel_sets_hd():
    ours = hausdorff(with_pixels((0, 0), (0, 60)), with_pixels((0, 0)))
    assert ours.hd_px == 60


def test_equal_masks_are_0_apart_in_px_and_mm(mask_pairs):
    for mask, _ in mask_pairs:
        assert hausdorff(mask, mask, (0.31, 0.17)) == pytest.approx((0, 0, 0, 0), abs=1e-5)


@pytest.mark.parametrize("pair", [(0, 1), (1, 0), (0, 0)], ids=["missed", "invented", "both empty"])
def test_an_empty_mask_leaves_all_four_undefined(pair):
    masks = EMPTY, with_pixels((5, 5))
    assert all(isnan(value) for value in hausdorff(masks[pair[0]], masks[pair[1]], (1, 1)))


@pytest.mark.parametrize("unknown", [(np.nan, np.nan), (0.1, np.nan)], ids=["both", "one"])
def test_unknown_spacing_leaves_only_mm_undefined(unknown):
    ours = hausdorff(with_pixels((0, 0)), with_pixels((3, 4)), unknown)
    assert [isnan(value) for value in ours] == [False, False, True, True]


def test_large_outlines_take_trees_and_give_the_same(mask_pairs, monkeypatch):
    by_table = [hausdorff(*pair, (0.5, 0.1)) for pair in mask_pairs]
    monkeypatch.setattr(module, "LARGEST_TABLE", 0)
    by_tree = [hausdorff(*pair, (0.5, 0.1)) for pair in mask_pairs]
    assert np.array(by_tree) == pytest.approx(np.array(by_table), abs=1e-6)


def test_far_corners_of_a_large_image_are_exact():
    prediction, truth = np.zeros((2, 3001, 4001), dtype=bool)
    prediction[0, 0] = truth[3000, 4000] = True
    assert hausdorff(prediction, truth).hd_px == 5000


@pytest.mark.parametrize("wrong", [(0, 1), (-1, 1), (1, 1, 1)], ids=["zero", "negative", "three"])
def test_wrong_spacing_is_refused(wrong):
    with pytest.raises(InputError, match="spacing_mm: expected two positive numbers"):
        hausdorff(EMPTY, EMPTY, wrong)


def test_different_shapes_are_refused():
    with pytest.raises(InputError, match="prediction: expected the truth's shape"):
        hausdorff(EMPTY.T, EMPTY)
