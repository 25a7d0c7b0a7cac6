"""Attended convolutions as the unit of DA-GAN's generator."""

from functools import partial

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from core.checks import InputError
from core.layers import AttendedConvs, SpatialAttention, inference_form
from core.networks import UNet

UNIT = partial(AttendedConvs, act=nn.ReLU())
WIDTHS = (64, 128, 256)


def generator(block=UNIT, *, widths=WIDTHS, seed=0, **settings):
    """The paper's generator: one unit a level, the skip joined behind the upsampling."""
    torch.manual_seed(seed)
    return UNet(block=block, widths=widths, convs=1, up_convs=0, **settings)


def parameters(network):
    return sum(p.numel() for p in network.parameters())


def conv(channels, width):
    """A 3x3 convolution with bias, and the scale and shift of its normalisation."""
    return 9 * channels * width + width + 2 * width


def counted(convs, deep=(256, 128)):
    """The generator without attention, counted by hand; `deep` are the upsampled channels."""
    sides = [(1, 64), (64, 128), (128, 256), (deep[0] + 128, 128), (deep[1] + 64, 64)]
    units = sum(conv(*pair) + (convs - 1) * conv(pair[1], pair[1]) for pair in sides)
    return units + 64 + 1


def test_generator_s_parameters_are_those_counted_by_hand():
    attention = 5 * (3 * 8 + 8 + 1)
    assert parameters(generator()) == counted(2) + attention == 1_884_710
    assert parameters(generator(partial(UNIT, convs=1))) == counted(1) + attention == 924_326


def test_transposed_upsampling_is_counted_too():
    learned = sum(4 * deep * fine + fine for deep, fine in ((256, 128), (128, 64)))
    network = generator(partial(UNIT, attention=False), upsampling="transposed")
    assert parameters(network) == counted(2, deep=(128, 64)) + learned


@pytest.mark.parametrize("upsampling", ["nearest", "bilinear", "transposed"])
def test_generator_gives_an_image_of_the_same_size(upsampling):
    network = generator(widths=(4, 6, 8), upsampling=upsampling)
    assert network(torch.rand(2, 1, 16, 12)).shape == (2, 1, 16, 12)


def test_without_attention_only_the_attention_is_missing():
    whole = generator(widths=(4, 6, 8))
    bare = generator(partial(UNIT, attention=False), widths=(4, 6, 8))
    mine, others = whole.state_dict(), bare.state_dict()
    assert mine.keys() - others.keys() == {n for n in mine if ".compress." in n}
    assert others.keys() - mine.keys() == set()
    assert all(torch.equal(mine[name], others[name]) for name in others)


@pytest.mark.parametrize("heat", [0.0, 1.0])
def test_constant_heatmap_scales_what_there_is_without_attention(heat):
    whole = generator(widths=(4, 6, 8)).eval()
    bare = generator(partial(UNIT, attention=False), widths=(4, 6, 8)).eval()
    for module in whole.modules():
        if isinstance(module, SpatialAttention):
            nn.init.zeros_(module.compress[-2].weight)
            nn.init.constant_(module.compress[-2].bias, 1e4 * (2 * heat - 1))
    image, features = torch.rand(2, 1, 16, 12), []
    for network in (whole, bare):
        network.encoder.levels[0].register_forward_hook(lambda m, i, y: features.append(y))
    same = torch.equal(whole(image), bare(image))
    assert same == (heat == 0)
    assert_close(features[0], features[1] * (1 + heat))


def test_convolutions_then_attention():
    torch.manual_seed(0)
    unit, x = AttendedConvs(2, 4, act=nn.ELU(), convs=3).eval(), torch.randn(1, 2, 6, 6)
    y = x
    for layer in range(3):
        conv, norm, act = unit[layer]
        assert (conv.kernel_size, conv.padding) == ((3, 3), (1, 1))
        assert isinstance(norm, nn.BatchNorm2d)
        y = act(norm(conv(y)))
    assert_close(unit(x), y + y * unit[3].heatmap(y))


@pytest.mark.parametrize("norm", ["batch", "instance", "none"])
def test_features_start_at_the_input_s_size_whatever_the_normalisation(norm):
    torch.manual_seed(0)
    x = torch.randn(4, 16, 32, 32)
    y = AttendedConvs(16, 64, act=nn.ReLU(), norm=norm, attention=False)(x)
    assert y.square().mean().item() == pytest.approx({"none": 1}.get(norm, 0.5), rel=0.4)


def test_only_instance_normalisation_makes_faint_and_strong_images_alike():
    torch.manual_seed(0)
    image = torch.randn(2, 1, 16, 16)
    for norm, alike in (("instance", True), ("none", False)):
        unit = AttendedConvs(1, 8, act=nn.ReLU(), norm=norm, attention=False)
        assert torch.allclose(unit(image), unit(3 * image), atol=1e-3) == alike


def test_inference_form_takes_the_normalisations_in():
    network = generator(widths=(4, 6, 8))
    network(torch.rand(4, 1, 16, 16))  # statistics of its own
    form, image = inference_form(network.eval()), torch.rand(2, 1, 24, 16)
    assert not any(isinstance(m, nn.BatchNorm2d) for m in form.modules())
    with torch.no_grad():
        assert_close(form(image), network(image), rtol=1e-4, atol=1e-5)


def test_every_unit_has_an_activation_of_its_own():
    prototype = nn.PReLU()
    unit = AttendedConvs(2, 4, act=prototype)
    acts = [m for m in unit.modules() if isinstance(m, nn.PReLU)]
    assert len({id(act.weight) for act in [prototype, *acts]}) == 3


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"convs": 0}, "convs: expected at least 1, got 0"),
        ({"norm": "layer"}, "norm: expected one of batch, instance, none, got layer"),
        ({"hidden": 0}, "hidden: expected at least 1, got 0"),
    ],
)
def test_argument_out_of_range_is_an_error(settings, message):
    with pytest.raises(InputError, match=message):
        UNIT(2, 4, **settings)
