"""Units behind upsampled and joined maps, against the maps that are really made."""

from functools import partial

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from core.layers import ConvNormAct, ScaleAttentionalConv
from core.layers.convolution import chain
from core.layers.entry import of_joined, of_upsampled
from core.layers.upsampling import Upsample

SCALES = partial(ScaleAttentionalConv, act=nn.ELU())
PLAIN = partial(ConvNormAct, act=nn.ELU())


def units(block, in_channels, count):
    torch.manual_seed(0)
    return chain(block, in_channels, 9, count).double()


def maps(*channels, side=4):
    torch.manual_seed(1)
    return [torch.randn(2, c, side, side + 2, dtype=torch.float64) for c in channels]


def gradients(loss, parameters):
    return torch.autograd.grad(loss.square().sum(), list(parameters))


@pytest.mark.parametrize("block", [SCALES, PLAIN], ids=["scales", "plain"])
@pytest.mark.parametrize("mode", ["nearest", "bilinear", "transposed"])
@pytest.mark.parametrize("count", [0, 1, 2])
def test_of_upsampled_is_the_units_of_the_upsampled_map(block, mode, count):
    upsample = Upsample(5, 7, mode).double()
    row, (deep,) = units(block, upsample.out_channels, count), maps(5)
    assert_close(of_upsampled(row, upsample, deep), row(upsample(deep)))


@pytest.mark.parametrize("block", [SCALES, PLAIN], ids=["scales", "plain"])
@pytest.mark.parametrize("channels", [(6,), (4, 3), (5, 4, 2)])
@pytest.mark.parametrize("count", [1, 2])
def test_of_joined_is_the_units_of_the_concatenated_maps(block, channels, count):
    row, parts = units(block, sum(channels), count), maps(*channels)
    assert_close(of_joined(row, parts), row(torch.cat(parts, 1)))


def test_gradients_are_those_of_the_upsampled_map():
    row, upsample, (deep,) = units(SCALES, 5, 2), Upsample(5, 7), maps(5)
    expected = gradients(row(upsample(deep)), row.parameters())
    assert_close(gradients(of_upsampled(row, upsample, deep), row.parameters()), expected)


def test_gradients_are_those_of_the_concatenated_maps():
    row, parts = units(SCALES, 7, 2), maps(4, 3)
    expected = gradients(row(torch.cat(parts, 1)), row.parameters())
    assert_close(gradients(of_joined(row, parts), row.parameters()), expected)


def test_entry_sees_the_deep_map_and_not_the_upsampled_one():
    row, (deep,), seen = units(SCALES, 5, 1), maps(5), []
    row[0].entry.register_forward_pre_hook(lambda _, x: seen.append(x[0].shape))
    of_upsampled(row, Upsample(5, 7), deep)
    assert seen == [deep.shape]
