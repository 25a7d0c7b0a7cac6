"""MultiRes block and residual path against their descriptions written with plain convolutions."""

from functools import partial

import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.testing import assert_close

from core.checks import InputError
from core.layers import ConvNormAct, MultiResBlock, NoisyReLU, ResPath
from core.layers.multires import multires_widths

PLAIN = partial(ConvNormAct, act=nn.ReLU())


def scrambled(module):
    """The module in evaluation mode, in float64, with no weight or statistic at its start."""
    torch.manual_seed(0)
    module.double().eval()
    for values in module.state_dict().values():
        if values.is_floating_point():
            values.copy_(0.2 + torch.rand(values.shape, dtype=torch.float64) / 2)
    return module


def normalise(norm, x):
    """Batch normalisation in evaluation mode, written out."""
    scale = norm.weight / (norm.running_var + norm.eps).sqrt()
    return (x - norm.running_mean.view(-1, 1, 1)) * scale.view(-1, 1, 1) + norm.bias.view(-1, 1, 1)


def convolve(conv, x):
    return functional.conv2d(x, conv.weight, conv.bias, padding=conv.weight.shape[-1] // 2)


def unit(layers, x):
    return normalise(layers[1], convolve(layers[0], x)).clamp(min=0)


def summed(shortcut, body, x):
    """norm(relu(body + norm(conv1x1(x))))."""
    around = normalise(shortcut.around[1], convolve(shortcut.around[0], x))
    return normalise(shortcut.norm, (body + around).clamp(min=0))


def test_block_is_a_cascade_of_three_units_and_a_shortcut():
    block = scrambled(MultiResBlock(2, 8, block=PLAIN))
    x = torch.randn(2, 2, 6, 7, dtype=torch.float64)
    first, second, third = block.body.units
    a = unit(first, x)
    b = unit(second, a)
    c = unit(third, b)
    body = normalise(block.body.norm, torch.cat([a, b, c], 1))
    assert_close(block(x), summed(block, body, x))


def test_path_is_one_unit_with_a_shortcut_after_the_other():
    path = scrambled(ResPath(3, 4, block=PLAIN, length=2))
    x = torch.randn(2, 3, 6, 7, dtype=torch.float64)
    halfway = summed(path[0], unit(path[0].body, x), x)
    assert_close(path(x), summed(path[1], unit(path[1].body, halfway), halfway))


@pytest.mark.parametrize(
    ("width", "channels"),
    [(32, (8, 17, 26)), (64, (17, 35, 53)), (128, (35, 71, 106)), (256, (71, 142, 213))],
)
def test_a_sixth_a_third_and_a_half_of_the_width(width, channels):
    assert multires_widths(width, 1.67) == channels
    assert MultiResBlock(1, width, block=PLAIN).out_channels == sum(channels)


def test_bottleneck_has_853_channels_as_in_the_authors_code():
    assert multires_widths(512, 1.67) == (142, 284, 427)


def test_activation_behind_the_sums_is_the_given_one():
    block = MultiResBlock(1, 8, block=PLAIN, act=NoisyReLU(noise=0.1))
    path = ResPath(1, 8, block=PLAIN, length=2, act=NoisyReLU(noise=0.1))
    noisy = [m for layer in (block, path) for m in layer.modules() if isinstance(m, NoisyReLU)]
    assert len(noisy) == 1 + 2


def test_width_too_small_for_three_units_is_an_error():
    with pytest.raises(InputError, match="widths: expected at least 4 channels a level, got 3"):
        MultiResBlock(1, 3, block=PLAIN)
