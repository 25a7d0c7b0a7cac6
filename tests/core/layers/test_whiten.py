"""Whitening by one mean and deviation."""

import pytest
import torch
from torch.testing import assert_close

from core.checks import InputError
from core.layers import Whiten


@pytest.fixture
def images():
    return torch.rand(5, 1, 6, 8, generator=torch.Generator().manual_seed(1)) * 0.3 + 0.5


def test_images_stay_as_they_are_at_first(images):
    assert torch.equal(Whiten()(images), images)


def test_images_have_mean_0_and_deviation_1_afterwards(images):
    layer = Whiten()
    layer.set(images.mean().item(), images.std().item())
    assert_close(layer(images).mean(), torch.tensor(0.0), atol=1e-5, rtol=0)
    assert_close(layer(images).std(), torch.tensor(1.0))


def test_both_are_saved_with_the_weights(images):
    layer, other = Whiten(), Whiten()
    layer.set(0.25, 0.5)
    other.load_state_dict(layer.state_dict())
    assert_close(other(images), (images - 0.25) / 0.5)


@pytest.mark.parametrize(
    ("mean", "std", "name"),
    [(0, 0, "std"), (0, -1, "std"), (0, float("nan"), "std"), (float("inf"), 1, "mean")],
)
def test_what_cannot_whiten_is_an_error_and_changes_nothing(images, mean, std, name):
    layer = Whiten()
    with pytest.raises(InputError, match=f"{name}: expected a finite number"):
        layer.set(mean, std)
    assert torch.equal(layer(images), images)
