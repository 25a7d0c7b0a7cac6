import numpy as np

from core.data.cache import CachedSource
from core.data.dataset import GridDataset
from core.data.gridded import GriddedSource
from core.data.loader import SampleKey
from core.grids import Grid

GRID = Grid(size=(16, 24), keep_aspect=True)


def source(listed, channels=1):
    rng = np.random.default_rng(0)
    shapes = [(40, 30), (33, 57), (20, 24)]
    images = [rng.integers(0, 256, (*s, 3)[: 1 + channels], dtype=np.uint8) for s in shapes]
    masks = [rng.integers(0, 4, s, dtype=np.uint8) for s in shapes]
    return listed(images, masks, subjects="ABC")


def test_samples_are_what_the_dataset_lays_on_the_grid(listed):
    plain = source(listed)
    gridded, dataset = GriddedSource(plain, GRID), GridDataset(plain, grid=GRID)
    for row in range(3):
        sample = dataset[SampleKey(row, 0, False)]
        np.testing.assert_array_equal(gridded[row]["image"], sample["image"][0] * 255)
        np.testing.assert_array_equal(gridded[row]["mask"], sample["mask"])


def test_cache_takes_it_and_gives_it_back(listed, tmp_path):
    gridded = GriddedSource(source(listed), GRID)
    cached = CachedSource(gridded, tmp_path)
    for row in range(3):
        np.testing.assert_array_equal(cached[row]["image"], gridded[row]["image"])
    assert cached.table["subject"].tolist() == list("ABC")


def test_only_image_and_mask_are_kept(listed):
    plain = source(listed)
    for sample in plain.samples:
        sample |= {"reference": sample["image"], "striped": sample["mask"]}
    assert GriddedSource(plain, GRID)[0].keys() == {"image", "mask"}


def test_images_without_masks_have_none(listed):
    assert GriddedSource(listed([np.zeros((9, 9), np.uint8)]), GRID)[0].keys() == {"image"}


def test_colour_turns_grey_or_stays(listed):
    colour = source(listed, channels=2)
    assert GriddedSource(colour, GRID)[1]["image"].shape == (16, 24)
    assert GriddedSource(colour, GRID, channels=3)[1]["image"].shape == (16, 24, 3)


def test_fingerprint_follows_the_source_the_grid_and_the_channels(listed):
    plain = source(listed)
    sources = [
        GriddedSource(plain, GRID),
        GriddedSource(plain, Grid(size=(16, 24))),
        GriddedSource(plain, Grid(size=(16, 24), shrink="cubic")),
        GriddedSource(plain, GRID, channels=3),
        GriddedSource(GriddedSource(plain, GRID), GRID),
    ]
    assert len({each.fingerprint for each in sources}) == 5
    assert GriddedSource(plain, GRID).fingerprint == sources[0].fingerprint


def test_it_is_as_simulated_as_its_source(listed):
    plain = source(listed)
    plain.simulated = True
    assert GriddedSource(plain, GRID).simulated
