"""Inception blocks against their description written with plain convolutions."""

import math

import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.testing import assert_close

from core.checks import InputError
from core.layers import InceptionBlock, ScaledResidual, UpInceptionBlock


def described(block, x):
    """The block in evaluation mode as the nerve network's description has it, for d = 32 and ELU."""
    elu, weight, bias = functional.elu, block.entry.weight, block.entry.bias
    (_, c3, n3, _, r3), (_, c5, n5, _, r5) = block.cross3, block.cross5

    def one_by_one(start, stop):
        return functional.conv2d(x, weight[start:stop], bias[start:stop])

    views = [
        one_by_one(0, 8),
        r3(elu(n3(c3(elu(one_by_one(8, 20)))))),
        r5(elu(n5(c5(elu(one_by_one(20, 22)))))),
        block.peak(functional.max_pool2d(x, kernel_size=3, stride=1, padding=1)),
    ]
    return elu(block.norm(torch.cat(views, 1)))


def test_block_is_the_four_views_of_its_description():
    block = InceptionBlock(in_channels=3, out_channels=32, act=nn.ELU()).eval()
    x = torch.randn(2, 3, 10, 12)
    assert block(x).shape == (2, 32, 10, 12)
    assert_close(block(x), described(block, x))


def test_kernels_look_along_the_rows_then_down_the_columns():
    block = InceptionBlock(in_channels=3, out_channels=32, act=nn.ELU())
    shapes = [tuple(m.weight.shape) for m in block.modules() if isinstance(m, nn.Conv2d)]
    assert shapes == [
        (22, 3, 1, 1),
        (16, 12, 1, 3), (16, 16, 3, 1),
        (4, 2, 1, 5), (4, 4, 5, 1),
        (4, 3, 1, 1),
    ]  # fmt: skip


def test_all_five_activations_are_fresh_copies_of_the_prototype():
    block = InceptionBlock(in_channels=3, out_channels=32, act=nn.PReLU())
    activations = [m for m in block.modules() if isinstance(m, nn.PReLU)]
    assert len({id(m.weight) for m in activations}) == 5


def test_weights_start_he_normal_and_biases_at_zero():
    torch.manual_seed(0)
    block = InceptionBlock(in_channels=64, out_channels=256, act=nn.ELU())
    for conv in (m for m in block.modules() if isinstance(m, nn.Conv2d)):
        spread = math.sqrt(2 / conv.weight[0].numel())
        bound = 5 * spread / math.sqrt(2 * conv.weight.numel())
        assert conv.weight.std().item() == pytest.approx(spread, abs=bound)
        assert not conv.bias.any()


def test_channels_that_are_no_multiple_of_16_are_an_error():
    with pytest.raises(InputError, match="out_channels: expected a multiple of 16, got 40"):
        InceptionBlock(in_channels=1, out_channels=40, act=nn.ELU())


@pytest.fixture
def pair():
    """An up block, a block with the same weights, and inputs for both, in float64."""
    torch.manual_seed(0)
    up = UpInceptionBlock(deep_channels=6, fine_channels=3, out_channels=16, act=nn.ELU()).double()
    plain = InceptionBlock(in_channels=9, out_channels=16, act=nn.ELU()).double()
    plain.load_state_dict(up.state_dict())
    deep = torch.randn(2, 6, 5, 4, dtype=torch.float64, requires_grad=True)
    fine = torch.randn(2, 3, 10, 8, dtype=torch.float64, requires_grad=True)
    return up, plain, deep, fine


def join(deep, fine):
    return torch.cat([deep.repeat_interleave(2, 2).repeat_interleave(2, 3), fine], 1)


def test_up_block_is_the_block_of_the_joined_map(pair):
    up, plain, deep, fine = pair
    assert_close(up(deep, fine), plain(join(deep, fine)))


def test_up_block_has_the_gradients_of_the_joined_map(pair):
    up, plain, deep, fine = pair
    seen = torch.randn(2, 16, 10, 8, dtype=torch.float64)
    inputs = (deep, fine)
    ours = torch.autograd.grad((up(*inputs) * seen).sum(), [*inputs, *up.parameters()])
    theirs = torch.autograd.grad(
        (plain(join(*inputs)) * seen).sum(), [*inputs, *plain.parameters()]
    )
    assert_close(ours, theirs)


def test_scaled_residual_adds_a_tenth_of_the_normalised_convolution():
    layer = ScaledResidual(channels=4, act=nn.ReLU())
    x = torch.randn(2, 4, 6, 5)
    inner = functional.conv2d(x, layer.residual[0].weight)
    mean, variance = inner.mean((0, 2, 3)), inner.var((0, 2, 3), unbiased=False)
    normalised = (inner - mean.view(4, 1, 1)) / (variance.view(4, 1, 1) + 1e-5).sqrt()
    assert_close(layer(x), (x + 0.1 * normalised).clamp(min=0))
