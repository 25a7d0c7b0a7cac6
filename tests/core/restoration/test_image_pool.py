"""The pool of earlier fakes."""

import pytest
import torch

from core.checks import InputError
from core.restoration.image_pool import ImagePool


def numbered(*numbers):
    return torch.tensor(numbers, dtype=torch.float32).reshape(-1, 1, 1, 1)


def test_a_pool_of_none_gives_images_back():
    images = numbered(1, 2)
    assert ImagePool(0)(images) is images


def test_until_it_is_full_images_come_back_and_are_kept():
    pool = ImagePool(3)
    assert torch.equal(pool(numbered(1, 2)), numbered(1, 2))
    assert torch.equal(pool(numbered(3)), numbered(3))
    assert torch.equal(pool.images, numbered(1, 2, 3))


def test_a_full_pool_swaps_half_of_what_comes_for_earlier_images():
    torch.manual_seed(0)
    pool = ImagePool(50)
    pool(numbered(*range(50)))
    came = torch.arange(50, 2050.0)
    shown = torch.cat([pool(numbered(number)) for number in came]).flatten()
    kept = (shown == came).float().mean()
    assert kept == pytest.approx(0.5, abs=0.04)
    assert (shown <= came).all()
    assert len(pool.images) == 50
    everything = torch.cat([shown, pool.images.flatten()]).sort().values
    assert torch.equal(everything, torch.arange(2050.0))  # nothing is lost, nothing is shown twice


def test_it_goes_on_from_what_it_held():
    """Given its images and torch's stream, as a checkpoint gives them back."""
    pool, copy = ImagePool(4), ImagePool(4)
    pool(numbered(0, 1, 2, 3, 4, 5))
    copy.images, stream = pool.images.clone(), torch.get_rng_state()
    shown = pool(numbered(6, 7, 8, 9))
    torch.set_rng_state(stream)
    assert torch.equal(copy(numbered(6, 7, 8, 9)), shown)


def test_negative_size_is_refused():
    with pytest.raises(InputError, match="pool_size"):
        ImagePool(-1)
