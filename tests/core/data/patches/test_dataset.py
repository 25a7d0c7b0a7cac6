import albumentations
import cv2
import numpy as np
import pytest
import torch

from core.checks import InputError
from core.data.loader import EpochSampler, ResumableLoader, SampleKey
from core.data.patches import Patches
from core.data.patches.dataset import PatchDataset

ROWS = np.arange(6)
AUGMENT = [
    albumentations.HorizontalFlip(p=0.5),
    albumentations.Affine(rotate=(-15, 15), p=0.8),
]
TENSORS = ("image", "mask", "clean", "clean_mask")


@pytest.fixture
def patches(gridded):
    return Patches(size=16, stride=8).split(gridded, ROWS)


@pytest.fixture
def dataset(gridded, patches):
    return lambda **options: PatchDataset(gridded, patches, **{"unpaired": True, **options})


def key(number, epoch=0, *, is_padding=False):
    return SampleKey(number, epoch, is_padding)


def same(a, b):
    return all(torch.equal(a[name], b[name]) for name in TENSORS)


def test_sample_is_the_patch_as_tensors(dataset, patches, gridded):
    sample, cut = dataset()[key(40)], patches.cut(gridded, 40)
    assert (sample["image"].shape, sample["image"].dtype) == ((1, 16, 16), torch.float32)
    assert (sample["mask"].shape, sample["mask"].dtype) == ((16, 16), torch.int64)
    np.testing.assert_allclose(sample["image"][0], cut["image"] / 255, atol=1e-7)
    np.testing.assert_array_equal(sample["mask"], cut["mask"])


def test_sample_says_which_patch_of_which_image_it_is(dataset):
    sample = dataset()[key(5 * 35 + 3, is_padding=True)]
    assert (sample["patch"], sample["index"]) == (178, 5)
    assert (sample["id"], sample["subject"]) == ("image 5", "C")
    assert sample["is_padding"]


def test_nothing_that_is_only_for_measuring_is_in_a_sample(dataset):
    expected = {*TENSORS, "patch", "index", "is_padding", "id", "subject"}
    assert dataset()[key(7)].keys() == expected
    assert dataset(unpaired=False)[key(7)].keys() == expected - {"clean", "clean_mask"}


def test_partners_come_from_the_clean_pool_alone_and_from_all_of_it(dataset, patches, gridded):
    clean = [patches.cut(gridded, number) for number in patches.numbers("clean")]
    places = {(c["image"].tobytes(), c["mask"].tobytes()): n for n, c in enumerate(clean)}
    ours = dataset()
    drawn = set()
    for epoch in range(4):
        for number in range(len(patches.table)):
            sample = ours[key(number, epoch)]
            image = (sample["clean"][0] * 255).round().to(torch.uint8).numpy()
            mask = sample["clean_mask"].to(torch.uint8).numpy()
            drawn.add(places[(image.tobytes(), mask.tobytes())])
    assert drawn == set(range(len(clean)))


def test_draws_are_a_function_of_seed_epoch_and_patch(dataset):
    ours, again = (dataset(augment=AUGMENT, seed=7) for _ in range(2))
    before = ours[key(30, 2)]
    for other in range(5):
        ours[key(other, other)]
    assert same(before, ours[key(30, 2)])
    assert same(before, again[key(30, 2, is_padding=True)])
    assert not same(before, ours[key(30, 3)])
    assert not same(before, dataset(augment=AUGMENT, seed=8)[key(30, 2)])


def test_partner_has_a_draw_of_its_own(dataset):
    mirror = [albumentations.HorizontalFlip(p=0.5)]
    plain, mirrored = dataset(), dataset(augment=mirror)
    turned = set()
    for number in range(40):
        pair = (plain[key(number)], mirrored[key(number)])
        turned.add(tuple(not torch.equal(*(s[name] for s in pair)) for name in ("image", "clean")))
    assert turned == {(False, False), (False, True), (True, False), (True, True)}


def test_masks_move_with_their_images(listed):
    mask = np.zeros((48, 64), np.uint8)
    mask[10:30, 15:50] = 1
    source = listed([cv2.GaussianBlur(mask * 250, (0, 0), 0.5)] * 2, [mask] * 2)
    rule = Patches(size=32, stride=16, clean_below=50, corrupted_above=60, background="keep")
    ours = PatchDataset(source, rule.split(source, [0, 1]), unpaired=True, augment=AUGMENT)
    for epoch in range(10):
        sample = ours[key(1, epoch)]
        for image, moved in (("image", "mask"), ("clean", "clean_mask")):
            inside = (sample[image][0] > 0.5).long()
            assert (inside != sample[moved]).float().mean() < 0.03


@pytest.mark.parametrize("workers", [0, 2])
def test_batches_are_the_same_for_any_number_of_workers_and_after_a_resume(dataset, workers):
    def loader(workers):
        sampler = EpochSampler(np.arange(50), batch_size=8, shuffle=True, seed=3, per_epoch=30)
        return ResumableLoader(dataset(augment=AUGMENT, seed=3), sampler, workers=workers)

    whole = list(loader(0))
    first = loader(workers)
    served = iter(first)
    begun = [next(served) for _ in range(2)]
    resumed = loader(workers)
    resumed.load_state_dict(first.state_dict())
    rest = list(resumed)
    assert len(whole) == len(begun + rest) == 4
    for expected, found in zip(whole, begun + rest, strict=True):
        assert torch.equal(expected["patch"], found["patch"])
        assert same(expected, found)
        assert expected["id"] == found["id"]


def test_images_without_masks_give_images_alone(listed):
    source = listed([np.full((16, 16), 9, np.uint8)])
    ours = PatchDataset(source, Patches(size=8, stride=8).split(source, [0]), unpaired=True)
    assert {"image", "clean"} < ours[key(0)].keys()
    assert not {"mask", "clean_mask"} & ours[key(0)].keys()


def test_partners_need_clean_patches(gridded):
    patches = Patches(size=16, stride=8, clean_below=0.001).split(gridded, ROWS)
    with pytest.raises(InputError, match="clean_below: expected training patches of at most 0.001"):
        PatchDataset(gridded, patches, unpaired=True)
