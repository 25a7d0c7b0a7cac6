from collections import Counter
from itertools import pairwise

import cv2
import numpy as np
import pytest

from core.annotations import Annotator, RadialLine
from core.annotations.marks import MARKS, drawn_mark
from core.checks import InputError

BLACK = np.zeros((800, 800), np.uint8)
SMALL = np.zeros((200, 200), np.uint8)
POINTS = {"marks": ["square"], "size": (0, 0), "smallest_px": 3, "joined": 0.0, "other": 0.0}


def masks(count, **arguments):
    annotator = Annotator([RadialLine(**arguments)])
    return [annotator.annotate(BLACK, key).mask for key in range(count)]


def test_one_to_six_marks_are_as_likely():
    """Rings of 3 x 3 px; few touch each other."""
    counts = Counter(cv2.connectedComponents(mask)[0] - 1 for mask in masks(200, **POINTS))
    assert set(counts) == {1, 2, 3, 4, 5, 6}
    assert all(16 <= counts[number] <= 56 for number in counts)


def test_centres_are_where_the_paper_has_them():
    """x and y each uniform over [320, 480) of 800."""
    found = []
    for mask in masks(80, **POINTS):
        found += [*cv2.connectedComponentsWithStats(mask)[3][1:]]
    found = np.array(found)
    assert found.min() >= 320
    assert found.max() < 480
    np.testing.assert_allclose(found.mean(axis=0), 399.5, atol=14)
    np.testing.assert_allclose(found.std(axis=0), 160 / 12**0.5, atol=8)


def test_half_of_the_marks_have_the_look_and_half_any():
    """Two shapes: another one in a quarter of the cases."""
    annotator = Annotator([RadialLine(count=(1, 1), marks=["square", "plus"])])
    differing = 0
    for key in range(200):
        first, second = annotator.pair(SMALL, key)
        differing += (first.mask > 0).sum() != (second.mask > 0).sum()
    assert differing / 200 == pytest.approx(2 * 0.25 * 0.75, abs=0.1)


def test_marks_of_a_pair_have_the_same_colour_and_shape_unless_others_are_asked_for():
    annotator = Annotator([RadialLine(count=(1, 1), other=0.0)])
    for key in range(30):
        cut = [image[mask > 0] for image, mask in annotator.pair(SMALL, key)]
        np.testing.assert_array_equal(*cut)


def test_lines_join_the_marks_in_half_of_the_images():
    """The marks lie far apart here, and only lines have a colour of their own."""
    annotator = Annotator([RadialLine(count=(2, 2), other=0.0, colours=[(255, 255, 255)])])
    joined = 0
    for key in range(200):
        image, mask = annotator.annotate(SMALL, key)
        joined += (image[mask > 0] != 255).any()
    assert joined / 200 == pytest.approx(0.5, abs=0.15)


def test_dashes_and_gaps_are_one_to_eight_pixels_long():
    """Along lines from mark to mark, as steps of the path; diagonal steps are longer."""
    line = RadialLine(dash_px=(1, 8))
    rng, lengths = np.random.default_rng(0), Counter()
    for _ in range(60):
        columns = line._dashes(np.array([[0, 0], [0, 150]]), rng)[:, 1]
        on = np.isin(np.arange(151), columns)
        edges = np.flatnonzero(np.diff(on)) + 1
        lengths.update(np.diff([0, *edges]).tolist())
    assert set(lengths) == set(range(1, 9))
    assert max(lengths.values()) < 1.7 * min(lengths.values())


def test_dashes_lie_on_the_line_between_the_centres():
    line = RadialLine(dash_px=(1, 1000))
    corners = np.array([[0, 0], [30, 90], [80, 10]])
    for row, column in line._dashes(corners, np.random.default_rng(1)):
        ends = pairwise(corners)
        assert min(distance((row, column), *pair) for pair in ends) <= 0.5


def distance(point, start, end):
    way = (end - start) / np.hypot(*(end - start))
    offset = np.array(point) - start
    return abs(way[0] * offset[1] - way[1] * offset[0])


@pytest.mark.parametrize("size", [7, 15, 33])
def test_marks_are_all_different_and_fill_their_size(size):
    drawn = [drawn_mark(name, size) for name in MARKS]
    assert len({mark.tobytes() for mark in drawn}) >= len(MARKS) - (size == 7)
    for mark in drawn:
        assert mark.shape == (size, size)
        assert np.ptp(np.flatnonzero(mark.any(axis=1))) >= 0.65 * (size - 1)


def test_marks_grow_with_the_image():
    sizes = {}
    for side in (64, 800):
        annotator = Annotator([RadialLine(count=(1, 1), marks=["plus"])])
        found = [annotator.annotate(np.zeros((side, side), np.uint8), k).mask for k in range(20)]
        sizes[side] = {int((mask > 0).any(axis=0).sum()) for mask in found}
    assert sizes[64] == {7}
    assert min(sizes[800]) >= 13
    assert max(sizes[800]) <= 25


@pytest.mark.parametrize(
    "arguments",
    [
        {"count": (0, 3)},
        {"count": (4, 3)},
        {"places": (0.6, 0.4)},
        {"marks": ()},
        {"other": 1.5},
        {"joined": -0.1},
        {"dash_px": (0, 8)},
        {"colours": ()},
        {"smallest_px": 1},
    ],
)
def test_wrong_numbers_are_refused(arguments):
    with pytest.raises(InputError, match=next(iter(arguments))):
        RadialLine(**arguments)


def test_an_unknown_mark_is_named_with_the_nearest():
    with pytest.raises(InputError, match="did you mean 'square'"):
        RadialLine(marks=["sqare"])
