import numpy as np
import pytest

from core.deidentify.pixels import blanked, inside_of
from core.deidentify.record import Refused
from core.dicom.regions import Region

SIZE = (20, 30)


def region(box, spatial_format=1):
    return Region(*box, spatial_format, 1)


def test_the_union_of_regions_is_kept_with_their_last_row_and_column():
    inside = inside_of(SIZE, [region((2, 3, 9, 7)), region((20, 10, 29, 19), 3)])
    expected = np.zeros(SIZE, bool)
    expected[3:8, 2:10] = expected[10:20, 20:30] = True
    np.testing.assert_array_equal(inside, expected)


@pytest.mark.parametrize("spatial_format", [0, 5])
def test_graphics_are_no_picture(spatial_format):
    with pytest.raises(Refused, match="states no ultrasound region"):
        inside_of(SIZE, [region((2, 3, 9, 7), spatial_format)])


def test_top_rows_are_blanked_beside():
    inside = inside_of(SIZE, [region((0, 2, 29, 19))], top_rows=5)
    assert not inside[:5].any()
    assert inside[5:].all()


def test_without_regions_top_rows_decide_alone():
    inside = inside_of(SIZE, [], top_rows=4)
    assert inside.sum() == 16 * 30
    assert not inside[:4].any()


@pytest.mark.parametrize(
    ("regions", "top_rows", "message"),
    [
        ([], 0, "states no ultrasound region"),
        ([region((0, 0, 29, 19))], 0, "its regions cover the whole image"),
        ([region((0, 0, 29, 9)), region((0, 10, 29, 19))], 0, "cover the whole image"),
        ([region((0, 0, 29, 4))], 9, "nothing of the image would be left"),
    ],
)
def test_regions_that_tell_nothing_are_refused(regions, top_rows, message):
    with pytest.raises(Refused, match=message):
        inside_of(SIZE, regions, top_rows=top_rows)


@pytest.mark.parametrize("channels", [(), (3,)])
def test_frames_are_black_outside_and_unchanged_inside(channels):
    frames = np.random.default_rng(0).integers(1, 256, (4, *SIZE, *channels), np.uint8)
    inside = inside_of(SIZE, [region((2, 3, 9, 7))])
    for frame, kept in zip(frames, blanked(frames, inside), strict=True):
        np.testing.assert_array_equal(kept[inside], frame[inside])
        assert not kept[~inside].any()
        assert kept.dtype == np.uint8
