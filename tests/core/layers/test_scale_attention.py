"""Scale-attentional convolution: what its stages see, how they are weighed, how many weights."""

import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.testing import assert_close

from core.checks import InputError
from core.layers import NoisyReLU, ScaleAttentionalConv

SIDE, CENTRE = 21, 10


def layer(*sides, act=None, **settings):
    torch.manual_seed(0)
    return ScaleAttentionalConv(*sides, act=act or nn.ReLU(), **settings).double().eval()


def noise(*shape):
    return torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


def responses(conv, channel):
    """Each stage's response (C,SIDE,SIDE) to a single 1 in the middle of one channel."""
    impulse = torch.zeros(1, conv.entry.in_channels, SIDE, SIDE, dtype=torch.float64)
    impulse[0, channel, CENTRE, CENTRE] = 1
    return [stage[0] for stage in conv.scales(impulse)]


@pytest.mark.parametrize("scales", [1, 2, 4, 6])
def test_stage_n_sees_a_square_of_side_2n_minus_1_and_all_of_it(scales):
    for n, response in enumerate(responses(layer(3, 24, scales=scales), 1), start=1):
        seen = torch.zeros(SIDE, SIDE, dtype=torch.bool)
        seen[CENTRE - n + 1 : CENTRE + n, CENTRE - n + 1 : CENTRE + n] = True
        assert torch.equal(response.ne(0).any(0), seen)


def test_paper_s_four_stages_see_1_3_5_and_7_pixels():
    sides = [int(r.ne(0).any(0).any(0).sum()) for r in responses(layer(1, 32), 0)]
    assert sides == [1, 3, 5, 7]


def test_each_stage_is_one_linear_convolution():
    conv, x = layer(2, 10), noise(1, 2, SIDE, SIDE)
    pairs = zip(responses(conv, 0), responses(conv, 1), strict=True)
    inner = slice(3, -3)  # at the rim every stage pads anew
    for stage, pair in zip(conv.scales(x), pairs, strict=True):
        one = functional.conv2d(x, torch.stack(pair, 1).flip(2, 3), padding=CENTRE)
        assert_close(stage[..., inner, inner], one[..., inner, inner])


def test_stages_are_linear_up_to_the_rim():
    conv, x, y = layer(2, 12), noise(1, 2, 6, 6), noise(1, 2, 6, 6).flip(3)
    for both, first, second in zip(
        conv.scales(3 * x - 2 * y), conv.scales(x), conv.scales(y), strict=True
    ):
        assert_close(both, 3 * first - 2 * second)


@pytest.mark.parametrize(
    ("out_channels", "scales", "shares"),
    [(32, 4, [8, 8, 8, 8]), (10, 4, [3, 3, 2, 2]), (7, 3, [3, 2, 2]), (5, 5, [1] * 5), (6, 1, [6])],
)
def test_stages_share_the_channels_and_the_first_take_what_is_left(out_channels, scales, shares):
    conv, x = layer(3, out_channels, scales=scales), noise(2, 3, 5, 6)
    assert [stage.shape[1] for stage in conv.scales(x)] == shares
    assert conv(x).shape == (2, out_channels, 5, 6)


def test_concatenated_stages_are_attended_then_normalised_then_activated():
    conv, x = layer(2, 8), noise(2, 2, 6, 7)
    for values in (conv.norm.running_mean, conv.norm.weight.data, conv.norm.bias.data):
        values.copy_(noise(8))
    z = torch.cat(conv.scales(x), 1)
    weights = functional.conv1d(z.mean((2, 3))[:, None], conv.attention.conv.weight, padding=1)
    attended = z * weights.sigmoid().view(2, 8, 1, 1)
    centred = (attended - noise(8).view(8, 1, 1)) / (1 + 1e-5) ** 0.5
    assert_close(conv(x), (centred * noise(8).view(8, 1, 1) + noise(8).view(8, 1, 1)).clamp(min=0))


def test_one_pixel_worked_by_hand():
    conv = layer(1, 2, scales=2, act=nn.Identity())
    values = {"entry.weight": [3.0], "stages.0.1.weight": [2.0], "norm.running_var": [4.0, 16.0]}
    values |= {"stages.0.0.weight": [0, 0, 0, 0, 0.25, 0, 0, 0, 0]}  # the middle of 3x3
    values |= {"attention.conv.weight": [0.1, -0.2, 0.4]}
    for name, value in values.items():
        place = conv.state_dict()[name]
        place.copy_(torch.tensor(value, dtype=torch.float64).view_as(place))
    x = torch.full((1, 1, 1, 1), 1.0, dtype=torch.float64)
    z = [3.0, 1.5]  # 3 x, and 2 * 0.25 * 3 x
    weights = torch.tensor([-0.2 * 3 + 0.4 * 1.5, 0.1 * 3 - 0.2 * 1.5]).sigmoid().tolist()
    by_hand = [z[0] * weights[0] / 2, z[1] * weights[1] / 4]
    assert conv(x).flatten().tolist() == pytest.approx(by_hand, rel=1e-5)


@pytest.mark.parametrize(("inputs", "m"), [(1, 8), (32, 16), (768, 64)])
def test_number_of_parameters_is_that_of_the_formula(inputs, m):
    count = sum(p.numel() for p in layer(inputs, 4 * m).parameters())
    assert count == inputs * m + 3 * (9 * m + m * m) + 3 + 2 * 4 * m


def test_adaptive_kernel_looks_at_more_neighbours_where_there_are_more_channels():
    kernels = [
        layer(4, width, attention_kernel=None).attention.conv.kernel_size for width in (32, 128)
    ]
    assert kernels == [(3,), (5,)]


def test_noisy_activation_inside_is_noisy_in_training_only():
    conv, x = layer(2, 8, act=NoisyReLU(noise=0.5)), noise(1, 2, 6, 6)
    assert torch.equal(conv(x), conv(x))
    conv.train()
    assert not torch.equal(conv(x), conv(x))


def test_learned_activation_is_not_shared_between_layers():
    act = nn.PReLU()
    first, second = layer(2, 8, act=act), layer(2, 8, act=act)
    nn.init.constant_(first.act.weight, 0.7)
    assert second.act.weight.item() == 0.25


@pytest.mark.parametrize(
    ("out_channels", "settings", "message"),
    [
        (3, {}, r"out_channels \(a width\): expected at least scales = 4, got 3"),
        (8, {"scales": 0}, "scales: expected at least 1, got 0"),
        (8, {"attention_kernel": 2}, "kernel: expected an odd number, got 2"),
    ],
)
def test_argument_out_of_range_is_an_error(out_channels, settings, message):
    with pytest.raises(InputError, match=message):
        layer(1, out_channels, **settings)
