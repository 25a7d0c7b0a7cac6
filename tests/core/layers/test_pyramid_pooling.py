"""Pyramid pooling against torch's own pooling and interpolation, and in a U-Net's skips."""

from functools import partial

import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.testing import assert_close

from core.checks import InputError
from core.layers import ConvNormAct, PyramidPoolingSkip
from core.layers.pyramid_pooling import PyramidPooling
from core.networks import UNet


@pytest.fixture
def pooling():
    torch.manual_seed(0)
    return PyramidPooling(8, act=nn.ReLU()).eval()


def bin_mean(x, n, row, column):
    """The mean of one of n x n bins, whose borders are rounded outwards."""
    height, width = x.shape[2:]
    rows = slice(row * height // n, -(-(row + 1) * height // n))
    columns = slice(column * width // n, -(-(column + 1) * width // n))
    return x[..., rows, columns].mean((2, 3))


@pytest.mark.parametrize("size", [(12, 18), (13, 7), (4, 5)])
def test_blends_features_with_the_means_of_the_bins(pooling, size):
    x, joined = torch.randn(2, 8, *size), []
    pooling.blend.register_forward_pre_hook(lambda m, inputs: joined.append(inputs[0]))
    pooling(x)
    parts = joined[0].split([8, 2, 2, 2, 2], dim=1)
    assert_close(parts[0], x)
    for n, share, part in zip((1, 2, 3, 6), pooling.shares, parts[1:], strict=True):
        rows = [torch.stack([bin_mean(x, n, r, c) for c in range(n)], -1) for r in range(n)]
        means = torch.stack(rows, -2)
        expected = functional.interpolate(share(means), size, mode="bilinear", align_corners=False)
        assert_close(part, expected)


def test_whole_image_reaches_every_pixel(pooling):
    x = torch.randn(1, 8, 12, 12, requires_grad=True)
    pooling(x)[0, :, 0, 0].sum().backward()
    assert x.grad[0, :, -1, -1].abs().max() > 0


def test_parameters_counted_by_hand():
    shares = 4 * (64 * 16 + 16 + 2 * 16)
    blend = 9 * 128 * 64 + 64 + 2 * 64
    count = sum(p.numel() for p in PyramidPooling(64, act=nn.ReLU()).parameters())
    assert count == shares + blend


def test_shares_that_do_not_fill_the_channels_still_fit():
    pooling = PyramidPooling(10, act=nn.ReLU(), bins=(1, 2, 4))
    assert pooling(torch.randn(2, 10, 8, 8)).shape == (2, 10, 8, 8)


def test_features_smaller_than_the_bins_fit(pooling):
    assert pooling(torch.randn(1, 8, 2, 1)).shape == (1, 8, 2, 1)


def test_u_net_pools_its_deep_skips_only():
    plain = partial(ConvNormAct, act=nn.ReLU())
    skip = partial(PyramidPoolingSkip, act=nn.ReLU(), from_channels=16)
    network = UNet(block=plain, widths=(8, 16, 16, 32), up_convs=1, skip=skip)
    pooled = [isinstance(level.skip.pooling, PyramidPooling) for level in network.decoder]
    assert pooled == [True, True, False]
    assert network(torch.rand(2, 1, 16, 24)).shape == (2, 1, 16, 24)


def test_skip_is_the_pooling_of_the_fine_features_alone():
    torch.manual_seed(0)
    skip = PyramidPoolingSkip(8, act=nn.ReLU(), from_channels=8).eval()
    fine, deep = torch.randn(2, 1, 8, 6, 6).unbind()
    assert_close(skip(fine, deep), skip.pooling(fine))


def test_shallow_skip_has_no_parameters_and_changes_nothing():
    skip, fine = PyramidPoolingSkip(8, act=nn.ReLU(), from_channels=9), torch.randn(1, 8, 4, 4)
    assert list(skip.parameters()) == []
    assert skip(fine, fine) is fine


@pytest.mark.parametrize("bins", [(), (0, 2), (1,) * 9])
def test_bins_that_cannot_be_are_an_error(bins):
    with pytest.raises(InputError, match="bins: expected 1 to 8 numbers of at least 1"):
        PyramidPooling(8, act=nn.ReLU(), bins=bins)


def test_training_on_a_single_image_is_an_error(pooling):
    one = torch.randn(1, 8, 6, 6)
    with pytest.raises(InputError, match="batch: expected at least 2 images"):
        pooling.train()(one)
    without = PyramidPooling(8, act=nn.ReLU(), bins=(2, 3))
    assert without(one).isfinite().all()
