"""Efficient channel attention against timm's, and by hand."""

import pytest
import torch
from timm.layers import EcaModule
from torch.testing import assert_close

from core.checks import InputError
from core.layers import ChannelAttention
from core.layers.channel_attention import adaptive_kernel


def sigmoid(*values):
    return torch.tensor(values).sigmoid()


@pytest.mark.parametrize("kernel", [1, 3, 5])
def test_agrees_with_timm(kernel):
    attention, peer = ChannelAttention(kernel=kernel), EcaModule(kernel_size=kernel)
    peer.conv.load_state_dict(attention.conv.state_dict())
    x = torch.randn(2, 12, 5, 7)
    assert_close(attention(x), peer(x))


@pytest.mark.parametrize("channels", [1, 2, 8, 32, 64, 100, 128, 256, 512, 1024, 4096])
def test_rule_for_the_kernel_agrees_with_timm(channels):
    attention = ChannelAttention(kernel=None, channels=channels)
    assert attention.conv.kernel_size == EcaModule(channels).conv.kernel_size


def test_rule_gives_3_3_5_5_5_for_the_widths_of_the_networks():
    assert [adaptive_kernel(width) for width in (32, 64, 128, 256, 512)] == [3, 3, 5, 5, 5]


def test_weights_worked_by_hand():
    attention = ChannelAttention(kernel=3)
    attention.conv.weight.data = torch.tensor([[[0.5, 1.0, -1.0]]])
    x = torch.tensor([[0.0, 2.0], [1.0, 3.0], [4.0, 4.0]]).view(1, 3, 1, 2)  # means 1, 2, 4
    by_hand = sigmoid(1.0 - 2.0, 0.5 + 2.0 - 4.0, 1.0 + 4.0)
    assert_close(attention.weights(x).flatten(), by_hand)
    assert_close(attention(x), x * by_hand.view(1, 3, 1, 1))


def test_every_image_has_weights_of_its_own():
    attention, x = ChannelAttention(), torch.randn(2, 6, 4, 4)
    weights = attention.weights(x)
    assert weights.shape == (2, 6, 1, 1)
    assert_close(weights[1:], attention.weights(x[1:]))
    assert not torch.equal(weights[0], weights[1])


def test_learns_one_number_for_each_place_of_the_kernel():
    assert [p.shape for p in ChannelAttention(kernel=5).parameters()] == [(1, 1, 5)]


def test_memory_order_is_kept():
    x = torch.randn(2, 6, 4, 5).contiguous(memory_format=torch.channels_last)
    assert ChannelAttention()(x).is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("kernel", [4, -1, 0])
def test_even_kernel_is_an_error(kernel):
    with pytest.raises(InputError, match=f"kernel: expected an odd number, got {kernel}"):
        ChannelAttention(kernel=kernel)


def test_rule_without_channels_is_an_error():
    with pytest.raises(InputError, match="channels: expected a number where kernel is None"):
        ChannelAttention(kernel=None)
