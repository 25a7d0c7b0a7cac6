import numpy as np
import pytest

from core.checks import InputError
from core.grids import Grid, restore


def disc(rows, columns, centre, radius):
    y, x = np.mgrid[:rows, :columns]
    return ((y - centre[0]) ** 2 + (x - centre[1]) ** 2 < radius**2).astype(np.uint8)


def test_stretched_image_fills_the_grid():
    assert (
        Grid(size=(80, 112)).lay_image(np.full((420, 580), 9, np.uint8)).tolist()
        == [[9] * 112] * 80
    )


def test_kept_aspect_leaves_the_rest_black():
    laid = Grid(size=(100, 100), keep_aspect=True).lay_image(np.full((50, 100), 7, np.uint8))
    assert laid[25:75].min() == 7
    assert laid[:25].max() == laid[75:].max() == 0


def test_box_of_kept_aspect_is_centred():
    assert Grid(size=(100, 100), keep_aspect=True).box((50, 100)).tolist() == [25, 0, 50, 100]


def test_colour_keeps_its_channels():
    assert Grid(size=(8, 8)).lay_image(np.zeros((16, 20, 3), np.uint8)).shape == (8, 8, 3)


def test_mask_takes_the_class_with_most_area():
    mask = np.zeros((4, 4), np.uint8)
    mask[:2, :2] = 2
    mask[0, 2] = 1
    assert Grid(size=(2, 2)).lay_mask(mask).tolist() == [[2, 0], [0, 0]]


@pytest.mark.parametrize("keep_aspect", [False, True])
@pytest.mark.parametrize("size", [(420, 580), (300, 200), (90, 512)])
def test_a_mask_comes_back_to_its_own_grid(keep_aspect, size):
    rows, columns = size
    truth = disc(rows, columns, (rows * 0.4, columns * 0.6), min(size) * 0.3)
    grid = Grid(size=(160, 224), keep_aspect=keep_aspect)
    back = restore(grid.lay_mask(truth).astype(np.float32), grid.box(size), size) >= 0.5
    assert back.shape == size
    assert 2 * (back & truth.astype(bool)).sum() / (back.sum() + truth.sum()) > 0.96


def test_restored_centre_of_mass_does_not_drift():
    truth = disc(420, 580, (200, 300), 80)
    grid = Grid(size=(80, 112))
    shares = grid.lay_image(truth * 255).astype(np.float32) / 255
    back = restore(shares, grid.box((420, 580)), (420, 580)) >= 0.5
    assert np.argwhere(back).mean(axis=0) == pytest.approx(np.argwhere(truth).mean(axis=0), abs=0.5)


def test_a_size_of_zero_is_refused():
    with pytest.raises(InputError, match="size: expected rows and columns, both positive"):
        Grid(size=(0, 5))


def test_several_maps_come_back_together():
    maps = np.random.default_rng(0).random((3, 8, 8), np.float32)
    box = np.array([1, 0, 6, 8])
    together = restore(maps, box, (20, 31))
    assert together.shape == (3, 20, 31)
    for one, each in zip(maps, together, strict=True):
        assert np.array_equal(restore(one, box, (20, 31)), each)
