"""The U-Net: its published sizes, its wiring, and what it refuses."""

from functools import partial

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from core.checks import InputError
from core.layers import AttentionGate, ConvNormAct, ScaleAttentionalConv
from core.networks import UNet

PLAIN = partial(ConvNormAct, act=nn.ReLU())
SCALES = partial(ScaleAttentionalConv, act=nn.ReLU())


class ConvAct(nn.Sequential):
    """A 3x3 convolution and its activation, as the first U-Nets had them."""

    def __init__(self, in_channels, out_channels):
        super().__init__(nn.Conv2d(in_channels, out_channels, 3, padding=1), nn.ReLU())


class Mean(nn.Module):
    """The mean over the channels, in every channel: a unit whose result can be worked by hand."""

    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.out_channels = out_channels

    def forward(self, x):
        return x.mean(1, keepdim=True).expand(-1, self.out_channels, -1, -1)


def parameters(network):
    return sum(p.numel() for p in network.parameters())


def sides(network):
    """Channels in and out of every unit, in the order in which they were made."""
    made = []

    def block(in_channels, out_channels):
        made.append((in_channels, out_channels))
        return Mean(in_channels, out_channels)

    network(block=block)
    return made


@pytest.fixture(scope="module")
def plain():
    return UNet(block=PLAIN)


@pytest.fixture(scope="module")
def scale_attentional():
    return UNet(block=SCALES)


def test_plain_u_net_has_the_paper_s_9_4_million_parameters(plain):
    assert parameters(plain) == 9_421_569


def test_scale_attentional_u_net_has_the_paper_s_491_thousand(scale_attentional):
    assert parameters(scale_attentional) == 491_879


def test_ratio_of_both_is_the_paper_s(plain, scale_attentional):
    assert f"{parameters(plain) / parameters(scale_attentional):.2f}" == "19.15"


def test_adaptive_attention_kernels_add_28_parameters(scale_attentional):
    adaptive = UNet(block=partial(SCALES, attention_kernel=None))
    wider = [m for m in adaptive.modules() if isinstance(m, nn.Conv1d) and m.kernel_size == (5,)]
    assert len(wider) == 6 + 8  # of 128 channels and more: encoder and bottleneck, decoder
    assert parameters(adaptive) - parameters(scale_attentional) == 2 * 14


@pytest.mark.parametrize(
    ("settings", "count"),
    [
        ({"block": PLAIN, "up_convs": 0, "upsampling": "bilinear"}, 7_851_969),
        # The baseline of the U-Net++ paper: 7.76 million.
        ({"block": ConvAct, "up_convs": 0, "upsampling": "transposed"}, 7_759_521),
        ({"block": PLAIN, "up_convs": 1, "widths": (64, 128, 256, 512, 1024)}, 34_525_889),
    ],
)
def test_sizes_of_public_u_nets_come_out_too(settings, count):
    with torch.device("meta"):
        assert parameters(UNet(**settings)) == count


@pytest.mark.parametrize(
    ("settings", "up"),
    [
        ({}, [(8, 4), (4, 4), (8, 4), (4, 4)]),
        ({"up_convs": 1}, [(8, 4), (8, 4), (4, 4)]),
        ({"up_convs": 0}, [(12, 4), (4, 4)]),
        ({"up_convs": 0, "upsampling": "bilinear"}, [(12, 4), (4, 4)]),
        ({"up_convs": 0, "upsampling": "transposed"}, [(8, 4), (4, 4)]),
        ({"up_convs": 2, "upsampling": "transposed"}, [(4, 4), (4, 4), (8, 4), (4, 4)]),
    ],
)
def test_units_of_a_step_up(settings, up):
    down = [(1, 4), (4, 4), (4, 8), (8, 8)]
    assert sides(partial(UNet, widths=(4, 8), **settings)) == down + up


def test_units_a_level_are_an_argument():
    network = partial(UNet, widths=(4, 8), convs=1, up_convs=0, in_channels=3)
    assert sides(network) == [(3, 4), (4, 8), (12, 4)]


def test_wiring_worked_by_hand():
    network = UNet(block=Mean, widths=(2, 4), up_convs=1)
    nn.init.constant_(network.head.weight, 0.5)
    nn.init.zeros_(network.head.bias)
    image = torch.tensor([[1.0, 2.0], [3.0, 4.0]]).view(1, 1, 2, 2)
    # Pooled to 4, upsampled to 4 everywhere, joined with the image: half of both.
    assert network(image).flatten().tolist() == [2.5, 3.0, 3.5, 4.0]


@pytest.mark.parametrize("upsampling", ["nearest", "bilinear", "transposed"])
@pytest.mark.parametrize("out_channels", [1, 4])
def test_gives_a_map_of_logits_for_each_class(upsampling, out_channels):
    network = UNet(block=PLAIN, widths=(2, 4, 4), upsampling=upsampling, out_channels=out_channels)
    assert network(torch.rand(2, 1, 8, 12)).shape == (2, out_channels, 8, 12)


def test_skip_sees_the_fine_and_the_upsampled_deep_features_of_each_level():
    seen = []

    class Watch(nn.Module):
        def __init__(self, channels):
            super().__init__()
            self.channels = channels

        def forward(self, fine, deep):
            seen.append((self.channels, tuple(fine.shape), tuple(deep.shape)))
            return fine

    UNet(block=PLAIN, widths=(2, 4, 8), skip=Watch)(torch.rand(1, 1, 8, 12))
    assert seen == [(4, (1, 4, 4, 6), (1, 4, 4, 6)), (2, (1, 2, 8, 12), (1, 2, 8, 12))]


def test_what_a_skip_gives_is_what_is_joined():
    class Nothing(nn.Module):
        def __init__(self, channels):
            super().__init__()

        def forward(self, fine, deep):
            return torch.zeros_like(fine)

    network = UNet(block=Mean, widths=(2, 4), up_convs=1, skip=Nothing)
    nn.init.constant_(network.head.weight, 0.5)
    nn.init.zeros_(network.head.bias)
    image = torch.tensor([[1.0, 2.0], [3.0, 4.0]]).view(1, 1, 2, 2)
    assert network(image).flatten().tolist() == [2.0] * 4


def test_same_numbers_in_both_memory_orders(scale_attentional):
    network = UNet(block=SCALES, widths=(4, 8)).eval()
    image = torch.rand(2, 1, 8, 12)
    expected = network(image)
    assert expected.is_contiguous(memory_format=torch.channels_last)
    contiguous = network.to(memory_format=torch.contiguous_format)
    assert_close(contiguous(image), expected)


def test_size_that_cannot_be_halved_is_an_error_that_names_the_next(plain):
    message = r"divisible by 16: pad or resize to \(96, 112\), got shape \(1, 1, 81, 112\)"
    with pytest.raises(InputError, match=message):
        plain(torch.rand(1, 1, 81, 112))


def test_colour_image_for_a_grey_network_is_an_error(plain):
    with pytest.raises(InputError, match=r"a batch \(B,1,h,w\), got shape \(1, 3, 32, 32\)"):
        plain(torch.rand(1, 3, 32, 32))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"widths": (8,)}, "widths: expected at least two levels, got 1"),
        ({"convs": 0}, "convs: expected at least 1, got 0"),
        ({"up_convs": -1}, "up_convs: expected 0 or more, got -1"),
        (
            {"up_convs": 0, "skip": AttentionGate},
            "up_convs: expected at least 1 with this skip, or transposed upsampling, got 0",
        ),
    ],
)
def test_argument_out_of_range_is_an_error(settings, message):
    with pytest.raises(InputError, match=message):
        UNet(block=Mean, **settings)
