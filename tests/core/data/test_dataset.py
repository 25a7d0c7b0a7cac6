import albumentations
import cv2
import numpy as np
import pytest
import torch

from core.checks import InputError
from core.data.dataset import GridDataset, as_channels
from core.data.loader import EpochSampler, ResumableLoader, SampleKey
from core.grids import Grid

GRID = Grid(size=(16, 24))
AUGMENT = [
    albumentations.HorizontalFlip(p=0.5),
    albumentations.Affine(scale=(0.8, 1.2), rotate=(-20, 20), p=0.8),
    albumentations.RandomBrightnessContrast(p=0.8),
]


def key(index=0, epoch=0, *, is_padding=False):
    return SampleKey(index, epoch, is_padding)


@pytest.fixture
def source(listed):
    """Eight images on grids of differing size; each mask is where its image is bright."""
    rng = np.random.default_rng(0)
    images = [rng.integers(0, 256, (20 + n, 30 + n), dtype=np.uint8) for n in range(8)]
    images = [cv2.GaussianBlur(image, (0, 0), 4) for image in images]
    masks = [(image > np.median(image)).astype(np.uint8) for image in images]
    return listed(images, masks, subjects="AABBCCDD")


def same(a, b):
    return torch.equal(a["image"], b["image"]) and torch.equal(a["mask"], b["mask"])


def test_image_is_float_from_0_to_1_with_its_channel_first(listed):
    source = listed([np.array([[0, 255]] * 16, np.uint8).repeat(12, axis=1)])
    image = GridDataset(source, grid=GRID)[key()]["image"]
    assert (image.shape, image.dtype) == ((1, 16, 24), torch.float32)
    assert sorted(image.unique().tolist()) == [0.0, 1.0]


def test_mask_is_class_indices_on_the_networks_grid(source):
    mask = GridDataset(source, grid=GRID)[key()]["mask"]
    assert (mask.shape, mask.dtype) == ((16, 24), torch.int64)
    assert set(mask.unique().tolist()) == {0, 1}


def test_images_without_masks_have_none(listed):
    sample = GridDataset(listed([np.zeros((9, 9), np.uint8)]), grid=GRID, keep_truth=True)[key()]
    assert not {"mask", "truth"} & sample.keys()


def test_truth_is_the_mask_on_the_images_own_grid_and_only_where_asked_for(source):
    np.testing.assert_array_equal(
        GridDataset(source, grid=GRID, keep_truth=True)[key(3)]["truth"], source[3]["mask"]
    )
    assert "truth" not in GridDataset(source, grid=GRID)[key(3)]


def test_box_and_original_size_lead_back_to_the_images_own_grid(source):
    sample = GridDataset(source, grid=Grid(size=(16, 24), keep_aspect=True))[key(2)]
    assert sample["original_size"].tolist() == [22, 32]
    assert sample["box"].tolist() == [0, 0, 16, 23]


def test_spacing_is_nan_where_the_source_knows_none(source):
    assert np.isnan(GridDataset(source, grid=GRID)[key()]["spacing_mm"]).all()


def test_spacing_is_the_sources(source):
    source.table["spacing_row_mm"], source.table["spacing_col_mm"] = 0.1, [0.2] * 7 + [np.nan]
    dataset = GridDataset(source, grid=GRID)
    assert dataset[key(0)]["spacing_mm"] == pytest.approx([0.1, 0.2])
    assert np.isnan(dataset[key(7)]["spacing_mm"]).tolist() == [False, True]


def test_sample_says_which_image_it_is(source):
    sample = GridDataset(source, grid=GRID)[key(5, is_padding=True)]
    assert (sample["index"], sample["id"], sample["subject"]) == (5, "image 5", "C")
    assert sample["is_padding"]


def test_augmentation_is_a_function_of_seed_epoch_and_index(source):
    dataset = GridDataset(source, grid=GRID, augment=AUGMENT, seed=7)
    before = dataset[key(3, 2)]
    for other in range(5):
        dataset[key(other, other)]
    np.random.seed(99)  # noqa: NPY002  (the global stream must not matter)
    again = GridDataset(source, grid=GRID, augment=AUGMENT, seed=7)[key(3, 2)]
    assert same(before, dataset[key(3, 2)])
    assert same(before, again)


def test_augmentation_changes_with_the_epoch(source):
    dataset = GridDataset(source, grid=GRID, augment=AUGMENT)
    drawn = [dataset[key(3, epoch)] for epoch in range(4)]
    assert not any(same(drawn[0], other) for other in drawn[1:])


def test_augmentation_changes_with_the_turn_of_an_epoch(source):
    dataset = GridDataset(source, grid=GRID, augment=AUGMENT)
    assert not same(dataset[key()], dataset[key()._replace(turn=1)])


def test_augmentation_changes_with_the_seed(source):
    one, two = (GridDataset(source, grid=GRID, augment=AUGMENT, seed=seed) for seed in (0, 1))
    assert not same(one[key(3)], two[key(3)])


def test_augmentation_changes_with_the_index(listed):
    twins = listed([np.arange(400, dtype=np.uint8).reshape(20, 20)] * 2)
    dataset = GridDataset(twins, grid=GRID, augment=AUGMENT)
    assert not torch.equal(dataset[key(0)]["image"], dataset[key(1)]["image"])


def test_a_copy_that_pads_is_augmented_as_its_original(source):
    dataset = GridDataset(source, grid=GRID, augment=AUGMENT)
    assert same(dataset[key(3)], dataset[key(3, is_padding=True)])


def test_image_and_mask_are_moved_together(listed):
    mask = np.zeros((16, 24), np.uint8)
    mask[2:7, 3:9] = 1
    dataset = GridDataset(
        listed([mask * 255], [mask]), grid=GRID, augment=[albumentations.HorizontalFlip(p=0.5)]
    )
    drawn = [dataset[key(0, epoch)] for epoch in range(8)]
    assert all(torch.equal(sample["image"][0].long(), sample["mask"]) for sample in drawn)
    assert {int(sample["mask"][4, 5]) for sample in drawn} == {0, 1}


@pytest.mark.parametrize("workers", [1, 2])
def test_workers_load_the_same_bits_as_the_main_process(source, workers):
    def batches(workers):
        dataset = GridDataset(source, grid=GRID, augment=AUGMENT, keep_truth=True, seed=3)
        sampler = EpochSampler(np.arange(8), batch_size=3, shuffle=True, seed=3)
        loader = ResumableLoader(dataset, sampler, workers=workers)
        for epoch in range(2):
            sampler.set_epoch(epoch)
            yield from loader

    pairs = list(zip(batches(0), batches(workers), strict=True))
    assert len(pairs) == 6
    for alone, shared in pairs:
        assert same(alone, shared)
        assert alone["id"] == shared["id"]
        for truths in zip(alone["truth"], shared["truth"], strict=True):
            np.testing.assert_array_equal(*truths)


def test_colour_becomes_the_usual_luminance():
    rgb = np.random.default_rng(0).integers(0, 256, (9, 11, 3), dtype=np.uint8)
    expected = rgb @ np.array([0.299, 0.587, 0.114])  # ITU-R BT.601
    np.testing.assert_allclose(as_channels(rgb, 1), expected, atol=0.6)


def test_grey_is_repeated_where_three_channels_are_wanted(source):
    image = GridDataset(source, grid=GRID, channels=3)[key()]["image"]
    assert image.shape == (3, 16, 24)
    assert torch.equal(image[0], image[1])
    assert torch.equal(image[0], image[2])


def test_two_channels_are_refused(source):
    with pytest.raises(InputError, match="channels: expected 1 or 3, got 2"):
        GridDataset(source, grid=GRID, channels=2)


def test_what_is_known_for_measuring_lies_on_the_networks_grid_like_image_and_mask(source):
    for sample in source.samples:
        sample |= {"reference": sample["image"], "striped": sample["mask"]}
    sample = GridDataset(source, grid=GRID, keep_truth=True)[key(3)]
    assert (sample["reference"].shape, sample["striped"].shape) == ((1, 16, 24), (16, 24))
    assert torch.equal(sample["reference"], sample["image"])
    assert torch.equal(sample["striped"], sample["mask"])
    assert sample["striped"].dtype == torch.int64


def test_what_is_known_for_measuring_is_in_no_training_sample(source):
    for sample in source.samples:
        sample |= {"reference": sample["image"], "striped": sample["mask"]}
    assert not {"reference", "striped"} & GridDataset(source, grid=GRID)[key(3)].keys()


def test_what_is_known_for_measuring_need_not_be_there(source):
    sample = GridDataset(source, grid=GRID, keep_truth=True)[key(3)]
    assert not {"reference", "striped"} & sample.keys()
