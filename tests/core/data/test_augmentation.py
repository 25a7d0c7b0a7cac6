import albumentations
import numpy as np

from core.data.augmentation import Augmentation

IMAGE = np.random.default_rng(0).integers(0, 256, (12, 16), dtype=np.uint8)
TURN = [albumentations.Affine(rotate=(-40, 40), p=1)]


def turned(*numbers, seed=0):
    return Augmentation(TURN, seed=seed)({"image": IMAGE, "mask": IMAGE}, *numbers)["image"]


def test_draw_follows_every_number_and_the_seed():
    assert np.array_equal(turned(1, 2, 3), turned(1, 2, 3))
    others = [turned(1, 2, 4), turned(2, 1, 3), turned(1, 2), turned(1, 2, 3, seed=1)]
    assert not any(np.array_equal(turned(1, 2, 3), other) for other in others)


def test_without_transforms_arrays_come_back_untouched():
    assert Augmentation()({"image": IMAGE}, 0)["image"] is IMAGE


def test_an_image_needs_no_mask():
    assert Augmentation(TURN)({"image": IMAGE}, 0).keys() == {"image"}
