"""Separate masses against SciPy's labelling and hand-worked cases."""

import numpy as np
import pytest
from scipy import ndimage

from core.checks import InputError
from core.shapes import find_masses, mass_count

SIZE = (40, 50)


def with_squares(*squares):
    """A mask of squares (top, left, side)."""
    mask = np.zeros(SIZE, np.uint8)
    for top, left, side in squares:
        mask[top : top + side, left : left + side] = 1
    return mask


BIFID = with_squares((2, 2, 4), (10, 10, 10), (30, 30, 5), (2, 40, 1))  # 16, 100, 25, 1 pixels


def test_masses_come_by_falling_area():
    masses = find_masses(BIFID, min_share=0)
    assert masses.areas_px.tolist() == [100, 25, 16, 1]
    assert [masses.labels[10, 10], masses.labels[30, 30], masses.labels[2, 2]] == [1, 2, 3]
    assert np.bincount(masses.labels.ravel())[1:].tolist() == [100, 25, 16, 1]


def test_share_counts_against_the_largest_and_includes_its_limit():
    assert find_masses(BIFID, min_share=0.16).areas_px.tolist() == [100, 25, 16]
    assert find_masses(BIFID, min_share=0.17).areas_px.tolist() == [100, 25]


def test_crumbs_are_outside_all_masses():
    assert find_masses(BIFID).labels[2, 40] == 0


def test_any_mask_agrees_with_scipys_labels():
    mask = (np.random.default_rng(0).random(SIZE) > 0.7).astype(np.uint8)
    labels, count = ndimage.label(mask, np.ones((3, 3)))
    masses = find_masses(mask, min_share=0)
    assert masses.areas_px.tolist() == sorted(np.bincount(labels.ravel())[1:], reverse=True)
    pairs = np.unique(np.stack([labels.ravel(), masses.labels.ravel()]), axis=1)
    assert pairs.shape[1] == count + 1  # one label of ours for one of SciPy's


def test_pixels_that_touch_at_a_corner_are_one_mass():
    assert mass_count(np.eye(5, dtype=np.uint8)) == 1


def test_two_masses_of_one_size_are_counted_and_crumbs_are_not():
    assert mass_count(with_squares((2, 2, 8), (20, 20, 8), (38, 2, 1))) == 2


def test_first_and_only_pick_masses_by_rank():
    masses = find_masses(BIFID)
    assert np.array_equal(masses.first(2), with_squares((10, 10, 10), (30, 30, 5)))
    assert np.array_equal(masses.only(2), with_squares((30, 30, 5)))
    assert masses.first(2).dtype == np.uint8


def test_equal_areas_stay_in_the_order_of_their_rows():
    masses = find_masses(with_squares((20, 2, 5), (2, 20, 5)))
    assert masses.labels[2, 20] == 1


def test_empty_mask_has_no_mass():
    empty = np.zeros(SIZE, np.uint8)
    assert mass_count(empty) == 0
    assert not find_masses(empty).first(1).any()


@pytest.mark.parametrize("share", [-0.1, 1.5])
def test_share_out_of_range_is_an_error(share):
    with pytest.raises(InputError, match=rf"min_share: expected a share .* 0\.\.1, got {share}"):
        mass_count(BIFID, min_share=share)
