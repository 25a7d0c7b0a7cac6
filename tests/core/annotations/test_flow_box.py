from collections import Counter

import numpy as np
import pytest

from core.annotations import Annotator, FlowBox
from core.checks import InputError

COLOURS = {(183, 188, 148), (182, 206, 184), (91, 115, 89), (22, 60, 63)}
BLACK = np.zeros((800, 800), np.uint8)


def corners(mask):
    """First and last row, first and last column."""
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    return rows[0], rows[-1], columns[0], columns[-1]


def test_corners_are_where_the_paper_has_them():
    """Top left uniform over 160..240, bottom right over 560..640, of 800."""
    annotator = Annotator(["flow_box"])
    found = np.array([corners(annotator.annotate(BLACK, key).mask) for key in range(300)])
    for places, low in zip(found.T, (160, 560, 160, 560), strict=True):
        assert low <= places.min() < low + 4
        assert low + 76 <= places.max() < low + 80
        assert places.mean() == pytest.approx(low + 39.5, abs=6)
    assert abs(np.corrcoef(found.T) - np.eye(4)).max() < 0.25


def test_the_four_colours_are_as_likely():
    annotator, found = Annotator(["flow_box"]), Counter()
    for key in range(240):
        image, mask = annotator.annotate(BLACK[:64, :64], key)
        colours = {tuple(colour) for colour in image[mask > 0].tolist()}
        assert len(colours) == 1
        found.update(colours)
    assert set(found) == COLOURS
    assert all(35 <= count <= 90 for count in found.values())


def test_a_pair_has_one_colour():
    annotator = Annotator(["flow_box"])
    for key in range(10):
        first, second = (image[mask > 0][0] for image, mask in annotator.pair(BLACK[:64, :64], key))
        np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("side", [40, 800])
@pytest.mark.parametrize("width", [1, 2])
def test_only_the_outline_is_drawn_and_as_wide_as_asked(side, width):
    mask = Annotator([FlowBox(width_px=width)]).annotate(np.zeros((side, side), np.uint8), 0).mask
    top, bottom, left, right = corners(mask)
    expected = np.zeros_like(mask)
    expected[top : bottom + 1, left : right + 1] = 1
    expected[top + width : bottom + 1 - width, left + width : right + 1 - width] = 0
    np.testing.assert_array_equal(mask, expected)


@pytest.mark.parametrize(
    "arguments",
    [{"top_left": (0.3, 0.2)}, {"bottom_right": (0.2, 0.8)}, {"colours": ()}, {"width_px": 0}],
)
def test_wrong_numbers_are_refused(arguments):
    with pytest.raises(InputError, match=next(iter(arguments))):
        FlowBox(**arguments)
