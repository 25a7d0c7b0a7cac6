"""Doubling the size of a feature map."""

import pytest
import torch
from scipy import ndimage
from torch.testing import assert_close

from core.checks import InputError
from core.layers.upsampling import Upsample

X = torch.randn(2, 3, 4, 5, generator=torch.Generator().manual_seed(0))


def test_nearest_repeats_every_pixel():
    assert torch.equal(Upsample(3, 8)(X), X.repeat_interleave(2, 2).repeat_interleave(2, 3))


def test_bilinear_agrees_with_scipy_corners_aligned():
    expected = torch.from_numpy(ndimage.zoom(X.numpy(), (1, 1, 2, 2), order=1))
    assert_close(Upsample(3, 8, "bilinear")(X), expected)


def test_transposed_paints_a_learned_square_for_every_pixel():
    layer = Upsample(3, 8, "transposed")
    y = torch.einsum("bchw,coij->bohiwj", X, layer.conv.weight).reshape(2, 8, 8, 10)
    assert_close(layer(X), y + layer.conv.bias.view(8, 1, 1))


@pytest.mark.parametrize(("mode", "channels"), [("nearest", 3), ("bilinear", 3), ("transposed", 8)])
def test_says_how_many_channels_it_gives(mode, channels):
    layer = Upsample(3, 8, mode)
    assert (layer.out_channels, layer(X).shape) == (channels, (2, channels, 8, 10))


def test_other_mode_is_an_error():
    message = "upsampling: expected one of nearest, bilinear, transposed, got cubic"
    with pytest.raises(InputError, match=message):
        Upsample(3, 8, "cubic")
