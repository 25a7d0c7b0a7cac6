"""The plain unit, and units in a row."""

from functools import partial

import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.testing import assert_close

from core.checks import InputError
from core.layers import ConvNormAct
from core.layers.convolution import chain, same_conv


def sides(layers):
    return [(m.in_channels, m.out_channels) for m in layers.modules() if isinstance(m, nn.Conv2d)]


@pytest.mark.parametrize("kernel", [1, 3, 5])
def test_unit_convolves_normalises_and_activates_in_this_order(kernel):
    unit, x = ConvNormAct(3, 6, act=nn.ELU(), kernel=kernel), torch.randn(4, 3, 9, 8)
    conv = unit[0]
    assert conv.weight.shape == (6, 3, kernel, kernel)
    z = functional.conv2d(x, conv.weight, conv.bias, padding=kernel // 2)
    spread = z.var((0, 2, 3), correction=0, keepdim=True) + 1e-5
    normalised = (z - z.mean((0, 2, 3), keepdim=True)) / spread.sqrt()
    assert_close(unit(x), functional.elu(normalised), rtol=1e-4, atol=1e-5)


def test_unit_copies_the_activation():
    act = nn.PReLU(init=0.1)
    unit = ConvNormAct(1, 2, act=act)
    nn.init.constant_(unit[2].weight, 0.7)
    assert act.weight.item() == pytest.approx(0.1)


def test_even_kernel_is_an_error():
    with pytest.raises(InputError, match="kernel: expected an odd number, got 2"):
        ConvNormAct(1, 2, act=nn.ReLU(), kernel=2)


def test_stride_divides_the_size():
    assert same_conv(2, 3, (3, 5), stride=2)(torch.zeros(1, 2, 8, 12)).shape == (1, 3, 4, 6)


@pytest.mark.parametrize(
    ("count", "expected"), [(0, []), (1, [(3, 8)]), (3, [(3, 8), (8, 8), (8, 8)])]
)
def test_chain_leads_from_the_first_width_to_the_second(count, expected):
    assert sides(chain(partial(ConvNormAct, act=nn.ReLU()), 3, 8, count)) == expected


def test_chain_of_nothing_changes_nothing():
    x = torch.randn(1, 3, 4, 4)
    assert torch.equal(chain(partial(ConvNormAct, act=nn.ReLU()), 3, 8, 0)(x), x)
