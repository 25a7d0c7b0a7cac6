from itertools import pairwise

import pytest
import torch

from core.checks import InputError
from core.restoration.tiles import restore_in_tiles

TILE = (32, 48)


def random_image(*size):
    return torch.rand(3, *size, generator=torch.Generator().manual_seed(0))


def tiled(restore, image, *, tile=TILE, overlap=8, **options):
    return restore_in_tiles(restore, image, tile=tile, overlap=overlap, **options)


@pytest.mark.parametrize(
    "size",
    [(32, 48), (33, 49), (31, 47), (1, 1), (2, 200), (200, 3), (64, 96), (100, 61), (57, 500)],
)
def test_an_image_that_is_left_alone_comes_back(size):
    image = random_image(*size)
    back = tiled(lambda tiles: tiles, image)
    assert back.shape == image.shape
    assert (back - image).abs().max() < 1e-6
    assert torch.equal((back * 255).round(), (image * 255).round())


@pytest.mark.parametrize("overlap", [0, 1, 8, 31])
def test_every_pixel_is_weighted_once_whatever_the_overlap(overlap):
    ones = tiled(torch.ones_like, torch.zeros(1, 130, 145), overlap=overlap)
    assert (ones - 1).abs().max() < 1e-6


def test_pixels_are_restored_where_they_are():
    image = random_image(70, 110)
    assert torch.allclose(tiled(lambda tiles: 1 - tiles, image), 1 - image, atol=1e-6)


@pytest.mark.parametrize("length", [49, 60, 88, 89, 131])
def test_tiles_that_differ_pass_into_each_other_without_a_seam(length):
    """Each tile gets one grey level; a hard cut would be a step of 1."""
    levels = iter(range(100))

    def flat(tiles):
        return torch.stack([torch.full_like(tile, next(levels)) for tile in tiles])

    row = tiled(flat, torch.zeros(1, 32, length), overlap=24)[0, 0]
    steps = row.diff()
    assert row[0] == 0
    assert row[-1] == row.max() >= 1
    assert steps.abs().max() < 0.5 * torch.pi / 24 * 1.5  # half a cosine's steepest, and a bit
    assert (steps > -1e-6).all()


def test_what_depends_on_the_place_in_a_tile_leaves_no_step():
    """A restoration that darkens towards a tile's edges, as zero padding does."""
    window = torch.hann_window(48, periodic=False)
    row = tiled(lambda tiles: tiles * window, torch.ones(1, 32, 300), overlap=24)[0, 0]
    assert row.diff().abs().max() < window.diff().abs().max() * 1.5


def test_two_tiles_are_blended_by_half_a_cosine():
    levels = iter((0.0, 1.0))

    def flat(tiles):
        return torch.stack([torch.full_like(tile, next(levels)) for tile in tiles])

    row = tiled(flat, torch.zeros(1, 32, 88), overlap=8)[0, 0]
    place = (torch.arange(8) + 0.5) / 8
    expected = torch.sin(torch.pi / 2 * place) ** 2
    assert torch.allclose(row[40:48], expected, atol=1e-6)
    assert (row[:40] == 0).all()
    assert (row[48:] == 1).all()


def test_small_images_are_mirrored_to_the_tile():
    seen = []

    def watched(tiles):
        seen.append(tiles)
        return tiles

    tiled(watched, torch.tensor([[[1.0, 2.0, 3.0]]]), tile=(2, 8), overlap=0)
    assert seen[0][0, 0].tolist() == [[1, 2, 3, 2, 1, 2, 3, 2]] * 2


def test_tiles_come_in_batches_no_larger_than_asked_for():
    sizes = []

    def watched(tiles):
        sizes.append(tuple(tiles.shape))
        return tiles

    tiled(watched, random_image(100, 200), batch=3)
    assert {size[1:] for size in sizes} == {(3, *TILE)}
    assert max(size[0] for size in sizes) == 3
    assert len(sizes) == 7  # of 4 x 5 tiles


def test_neighbours_share_at_least_the_overlap():
    starts = []

    def watched(tiles):
        starts.extend(int(tile[0, 0, 0]) for tile in tiles)
        return tiles

    columns = torch.arange(301.0).expand(1, 32, 301)
    tiled(watched, columns, overlap=13)
    assert starts[0] == 0
    assert starts[-1] == 301 - 48
    assert all(after - before <= 48 - 13 for before, after in pairwise(starts))


def test_half_precision_comes_back_as_the_image_s_own_type():
    image = random_image(40, 60)
    back = tiled(lambda tiles: tiles.bfloat16(), image)
    assert back.dtype == image.dtype


@pytest.mark.parametrize("overlap", [-1, 32])
def test_an_overlap_as_large_as_a_tile_is_refused(overlap):
    with pytest.raises(InputError, match="overlap: expected 0 or more, and less than 32"):
        tiled(lambda tiles: tiles, random_image(40, 60), overlap=overlap)


def test_a_batch_of_images_is_refused():
    with pytest.raises(InputError, match="image: expected shape"):
        tiled(lambda tiles: tiles, random_image(40, 60)[None])
