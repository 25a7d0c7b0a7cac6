"""Blind-spot losses: worked by hand, and blind by gradient."""

import pytest
import torch
from torch import nn

from core.checks import InputError
from core.restoration import Autoencoding, BlindSpot, GridPhases, RandomNeighbours

HIDING = [RandomNeighbours(share=0.02), GridPhases(width=3)]


class Sum(nn.Module):
    """Sees every pixel around, the middle one most of all; `restore` as a restorer has it."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 1, 5, padding=2)

    def restore(self, image):
        return image + self.conv(image)


class Answer:
    """Restores whatever it is shown to one value."""

    def __init__(self, value):
        self.value = value

    def restore(self, image):
        return torch.full_like(image, self.value)


@pytest.mark.parametrize("hide", HIDING, ids=["Noise2Void", "Noise2Self"])
def test_predictions_of_hidden_pixels_do_not_depend_on_them(hide):
    """By gradient, for a network whose output depends on its input's own pixel most of all."""
    torch.manual_seed(0)
    image = torch.rand(2, 1, 33, 33, requires_grad=True)
    shown, hidden = hide(image)
    Sum().restore(shown)[hidden].sum().backward()
    assert image.grad[~hidden].abs().sum() > 0
    assert (image.grad[hidden] == 0).all()


@pytest.mark.parametrize(("error", "expected"), [("squared", 0.09), ("absolute", 0.3)])
def test_the_error_counts_hidden_pixels_alone(error, expected):
    """Half of the image is 0.5, the answer 0.2 everywhere: the other half, of 0.2, is right."""
    torch.manual_seed(0)
    image = torch.full((1, 1, 12, 12), 0.2)
    image[..., 6:] = 0.5
    loss = BlindSpot(hide=GridPhases(width=3), error=error)(Answer(0.2), {"image": image})
    assert loss.item() == pytest.approx(expected / 2)


def test_gradients_reach_the_network():
    network = Sum()
    BlindSpot(hide=GridPhases())(network, {"image": torch.rand(1, 1, 16, 16)}).backward()
    assert network.conv.weight.grad.abs().sum() > 0


def test_another_error_is_refused():
    with pytest.raises(InputError, match="error"):
        BlindSpot(hide=GridPhases(), error="cubed")


class Copier(nn.Module):
    """An autoencoder that halves images, and remembers what it was shown."""

    def __init__(self):
        super().__init__()
        self.denoiser, self.learnt = self, None

    def reconstruct(self, image):
        return image / 2

    def learn_style(self, images):
        self.learnt = images


def test_autoencoding_compares_images_with_themselves_and_shows_clean_ones():
    network, clean = Copier(), torch.rand(2, 1, 4, 4)
    loss = Autoencoding()(network, {"image": torch.full((2, 1, 4, 4), 0.6), "clean": clean})
    assert loss.item() == pytest.approx(0.09)
    assert network.learnt is clean


def test_autoencoding_needs_clean_patches():
    with pytest.raises(InputError, match="unpaired"):
        Autoencoding()(Copier(), {"image": torch.zeros(1, 1, 4, 4)})
