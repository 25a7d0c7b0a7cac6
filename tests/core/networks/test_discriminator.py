"""Discriminators: sizes, wiring, and that they can tell what they are for."""

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from core.checks import InputError
from core.layers import SpatialAttention
from core.networks import Discriminator, PatchGAN


def parameters(network):
    return sum(p.numel() for p in network.parameters())


def conv(kernel, channels, width):
    return kernel**2 * channels * width + width


def test_parameters_are_those_counted_by_hand():
    convs = conv(3, 1, 64) + conv(3, 64, 128) + conv(3, 128, 256) + conv(1, 256, 1)
    assert parameters(Discriminator(attention=False)) == convs == 369_921
    assert parameters(Discriminator()) == convs + 3 * (3 * 8 + 8 + 1)


def test_patch_gan_has_cycle_gan_s_2_762_689_parameters():
    sides = [(1, 64), (64, 128), (128, 256), (256, 512), (512, 1)]
    assert parameters(PatchGAN()) == sum(conv(4, *pair) for pair in sides) == 2_762_689


def test_patch_gan_sees_70_pixels_and_no_more():
    judge = PatchGAN(width=2)
    for level in judge.levels:
        level[1] = nn.Identity()  # statistics of an instance see the whole image
    image = torch.rand(1, 1, 160, 160, requires_grad=True)
    logits = judge(image)
    logits[0, 0, 9, 9].backward()
    rows = image.grad[0, 0].abs().amax(1).nonzero().flatten()
    assert rows[-1] - rows[0] + 1 == 70


def test_patch_gan_s_layers_are_cycle_gan_s():
    judge = PatchGAN()
    convs = [m for m in judge.modules() if isinstance(m, nn.Conv2d)]
    assert {(c.kernel_size, c.padding) for c in convs} == {((4, 4), (1, 1))}
    assert [c.stride[0] for c in convs] == [2, 2, 2, 1, 1]
    assert [type(level[1]) for level in judge.levels] == [nn.Identity] + [nn.InstanceNorm2d] * 3


@pytest.mark.parametrize(
    ("network", "size", "logits"),
    [
        (Discriminator(), (96, 96), (12, 12)),
        (Discriminator(), (64, 40), (8, 5)),
        (Discriminator(), (13, 50), (2, 7)),
        (PatchGAN(), (96, 96), (10, 10)),
        (PatchGAN(), (256, 256), (30, 30)),
    ],
)
def test_gives_one_map_of_logits(network, size, logits):
    with torch.no_grad():
        assert network(torch.rand(2, 1, *size)).shape == (2, 1, *logits)


def test_levels_worked_through_by_their_parts():
    torch.manual_seed(0)
    judge, x = Discriminator(widths=(4, 6), strides=(2, 1), norm="instance"), torch.rand(2, 1, 8, 8)
    y = x
    for (conv, norm, act, attention), normalised in zip(judge.levels, (False, True), strict=True):
        y = conv(y)
        y = nn.functional.instance_norm(y) if normalised else y
        assert isinstance(norm, nn.InstanceNorm2d) == normalised
        assert act.negative_slope == 0.2
        y = nn.functional.leaky_relu(y, 0.2)
        y = y + y * attention.heatmap(y)
    assert_close(judge(x), judge.head(y))


def test_without_attention_only_the_attention_is_missing():
    torch.manual_seed(0)
    mine = Discriminator(widths=(4, 6, 8)).state_dict()
    torch.manual_seed(0)
    others = Discriminator(widths=(4, 6, 8), attention=False).state_dict()
    assert mine.keys() - others.keys() == {n for n in mine if ".compress." in n}
    assert all(torch.equal(mine[name], others[name]) for name in others)


def test_every_level_has_attention():
    found = [m for m in Discriminator().modules() if isinstance(m, SpatialAttention)]
    assert len(found) == 3


def test_learns_to_tell_stripes_by_their_strength_alone():
    torch.manual_seed(0)
    judge = Discriminator(widths=(8, 8, 8))
    optimizer = torch.optim.Adam(judge.parameters(), 5e-3)
    lines = torch.tensor([0.0, 1, 0, 0] * 8).view(1, 1, 32, 1)

    def batch():
        grain = torch.rand(8, 1, 32, 32) * 0.2
        return grain + 0.05 * lines, grain.roll(1, 0) + 0.4 * lines

    for _ in range(60):
        faint, strong = batch()
        loss = nn.functional.softplus(-judge(faint)).mean()
        loss = loss + nn.functional.softplus(judge(strong)).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    faint, strong = batch()
    assert judge(faint).mean() > 1
    assert judge(strong).mean() < -1


def test_gradients_reach_the_image_and_every_parameter():
    torch.manual_seed(0)
    judge, image = Discriminator(widths=(4, 6, 8)), torch.rand(2, 1, 16, 16, requires_grad=True)
    judge(image).square().sum().backward()
    assert image.grad.abs().max() > 0
    assert all(p.grad.abs().max() > 0 for p in judge.parameters())


def test_runs_in_half_precision():
    with torch.autocast("cpu", torch.bfloat16):
        assert Discriminator()(torch.rand(1, 1, 32, 32)).isfinite().all()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"strides": (2, 2)}, r"strides: expected one for each of the 3 widths, got \(2, 2\)"),
        ({"widths": (), "strides": ()}, "strides: expected one for each of the 0 widths"),
        ({"norm": "spectral"}, "norm: expected one of batch, instance, none, got spectral"),
    ],
)
def test_argument_out_of_range_is_an_error(settings, message):
    with pytest.raises(InputError, match=message):
        Discriminator(**settings)


def test_colour_image_is_an_error():
    with pytest.raises(InputError, match=r"a batch \(B,1,h,w\), got shape \(1, 3, 32, 32\)"):
        Discriminator()(torch.rand(1, 3, 32, 32))
