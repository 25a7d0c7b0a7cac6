import numpy as np
import pytest

from core.annotations import Annotator, TextLabel
from core.checks import InputError

BLACK = np.zeros((400, 400), np.uint8)


def boxes(label, count, shape=(400, 400)):
    """First and last row, first and last column of each label."""
    found, annotator = [], Annotator([label])
    for key in range(count):
        mask = annotator.annotate(np.zeros(shape, np.uint8), key).mask
        rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
        found.append((rows[0], rows[-1], columns[0], columns[-1]))
    return np.array(found)


def test_labels_lie_anywhere_in_the_image():
    found = boxes(TextLabel(texts=["B"], arrow=0.0), 200)
    for low, high in (found[:, :2].T, found[:, 2:].T):
        assert low.min() < 20
        assert high.max() > 379
        assert low.mean() == pytest.approx(195, abs=40)


def test_capitals_have_the_height_asked_for():
    found = boxes(TextLabel(texts=["HEAD"], arrow=0.0, height=(0.1, 0.1)), 20)
    heights = found[:, 1] - found[:, 0] + 1
    assert 36 <= heights.min() <= heights.max() <= 50


def test_words_keep_their_gaps_at_the_smallest_size():
    label = TextLabel(texts=["LT SAG"], arrow=0.0, colours=[(255, 255, 255)])
    for key in range(10):
        image, mask = Annotator([label]).annotate(np.zeros((96, 96), np.uint8), key)
        ink = image[:, (mask > 0).any(axis=0), 0].sum(axis=0)
        first, last = np.flatnonzero((mask > 0).any(axis=0))[[0, -1]]
        clear = (image[:, first : last + 1, 0].max(axis=0) < 60).astype(int)
        assert ink.sum() > 0
        assert "11" in "".join(map(str, clear))


def test_numbers_are_drawn_anew():
    annotator = Annotator([TextLabel(texts=["##.# mm"], arrow=0.0, height=(0.05, 0.05))])
    inks = {int((annotator.annotate(BLACK, key).mask > 0).sum()) for key in range(20)}
    assert len(inks) > 10


def test_a_pair_says_the_same():
    annotator = Annotator([TextLabel()])
    for key in range(20):
        inks = [image[mask > 0] for image, mask in annotator.pair(BLACK, key)]
        np.testing.assert_array_equal(*inks)


def test_arrows_point_in_all_directions():
    annotator = Annotator([TextLabel(arrow=1.0, arrow_length=(0.2, 0.2))])
    angles = []
    for key in range(60):
        rows, columns = np.nonzero(annotator.annotate(BLACK, key).mask)
        middle = np.ptp(rows) / 2 + rows.min(), np.ptp(columns) / 2 + columns.min()
        angles.append(np.arctan2(rows.mean() - middle[0], columns.mean() - middle[1]))
    assert set(np.floor(np.array(angles) / (np.pi / 2)).astype(int)) >= {-2, -1, 0, 1}


def test_a_text_too_long_for_the_image_is_cut():
    mask = Annotator([TextLabel(texts=["W" * 50], arrow=0.0)]).annotate(BLACK[:32, :32], 0).mask
    assert mask.any()


@pytest.mark.parametrize(
    "arguments",
    [
        {"texts": ()},
        {"texts": ("two\nlines",)},
        {"height": (0.5, 0.1)},
        {"smallest_px": 1},
        {"colours": ()},
        {"arrow": 2},
        {"arrow_length": (0.1, 3)},
    ],
)
def test_wrong_numbers_are_refused(arguments):
    with pytest.raises(InputError, match=next(iter(arguments))):
        TextLabel(**arguments)
