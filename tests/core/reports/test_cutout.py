import numpy as np
import pytest

from core.reports.cutout import surroundings


def outlined(rows, columns, size=(400, 600)):
    mask = np.zeros(size, np.uint8)
    mask[rows, columns] = 1
    return mask


def span(part):
    return [(one.start, one.stop) for one in part]


def test_small_structure_is_in_the_middle_of_a_part_in_the_images_aspect():
    part = surroundings(outlined(slice(190, 210), slice(280, 320)), None)
    assert span(part) == [(110, 290), (165, 435)]  # 45 % of 400 and 600


def test_large_outlines_get_two_and_a_half_times_their_room():
    rows, columns = surroundings(outlined(slice(100, 300), slice(290, 310)), None)
    assert (rows, columns) == (slice(0, 400), slice(0, 600))
    rows, columns = surroundings(outlined(slice(190, 210), slice(200, 380)), None)
    assert (columns.start, columns.stop) == (65, 515)  # 2.5 * 180 about 290


@pytest.mark.parametrize("row", [0, 399])
def test_part_at_the_border_stays_within_the_image(row):
    rows, _ = surroundings(outlined(row, 300), None)
    assert rows.stop - rows.start == 180
    assert 0 <= rows.start <= row < rows.stop <= 400


def test_truth_and_a_prediction_far_off_are_both_inside():
    rows, columns = surroundings(outlined(50, 100), outlined(70, 200))
    assert {50, 70} <= set(range(rows.start, rows.stop))
    assert {100, 200} <= set(range(columns.start, columns.stop))


def test_image_without_outlines_is_whole():
    empty = outlined(slice(0), slice(0))
    assert empty[surroundings(empty, empty)].shape == (400, 600)
