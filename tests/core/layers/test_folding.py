"""Inference forms, against the trained networks that they are made from."""

from copy import deepcopy
from functools import partial

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from core.checks import InputError
from core.layers import ConvNormAct, NoisyReLU, ScaleAttentionalConv
from core.layers.folding import inference_form
from core.networks import AttentionUNet, InceptionUNet, MultiResUNet, UNet, UNetPlusPlus

SCALES = partial(ScaleAttentionalConv, act=nn.ReLU())
PLAIN = partial(ConvNormAct, act=nn.ReLU())
SMALL = {"widths": (8, 12, 16)}


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


def trained(network):
    """A network in evaluation mode with statistics and signs as training may leave them."""
    torch.manual_seed(1)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.running_mean)
            nn.init.uniform_(module.running_var, 0.2, 3)
            if module.affine:
                nn.init.normal_(module.weight, 0.3)  # a third of the scales are negative
                nn.init.normal_(module.bias)
        elif isinstance(module, nn.Conv1d):
            nn.init.normal_(module.weight)
    return network.eval()


def image(*shape):
    return torch.rand(shape, generator=torch.Generator().manual_seed(2))


@torch.inference_mode()
def error(network, x):
    """Largest difference of the inference form, in units of the output's largest value."""
    expected, output = network(x), inference_form(network)(x)
    assert output.shape == expected.shape
    return float((output - expected).abs().max() / expected.abs().max())


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("scales", [1, 2, 3, 4, 6])
@pytest.mark.parametrize("channels", [(1, 7), (5, 10), (32, 32)])
def test_scale_attention_gives_the_same_features(channels, scales, batch):
    unit = trained(ScaleAttentionalConv(*channels, act=nn.ReLU(), scales=scales))
    assert error(unit, image(batch, channels[0], 11, 14) - 0.5) < 1e-5


@pytest.mark.parametrize(
    "act",
    [nn.ELU(), nn.PReLU(), nn.LeakyReLU(inplace=True), nn.GELU(), nn.Identity(), NoisyReLU()],
    ids=lambda act: type(act).__name__,
)
@pytest.mark.parametrize("block", [ScaleAttentionalConv, ConvNormAct])
def test_any_activation_stays_right(block, act):
    assert error(trained(block(3, 10, act=act)), image(2, 3, 9, 8) - 0.5) < 1e-5


def test_each_image_of_a_batch_keeps_its_own_weights():
    form, x = (
        inference_form(trained(SCALES(2, 8))),
        image(3, 2, 8, 8) * torch.tensor([1, 9, -4])[:, None, None, None],
    )
    alone = torch.cat([form(one[None]) for one in x])
    torch.testing.assert_close(form(x), alone)


@pytest.mark.parametrize(
    "network",
    [
        UNet(block=SCALES, **SMALL),
        UNet(block=PLAIN, **SMALL),
        UNet(block=SCALES, convs=1, up_convs=0, upsampling="bilinear", **SMALL),
        UNet(block=SCALES, upsampling="transposed", out_channels=3, **SMALL),
        UNetPlusPlus(block=SCALES, deep_supervision=True, **SMALL),
        AttentionUNet(block=PLAIN, **SMALL),
        MultiResUNet(block=PLAIN, **SMALL),
        InceptionUNet(act=nn.ELU()),
    ],
    ids=lambda network: type(network).__name__,
)
def test_networks_of_the_house_give_the_same_output(network):
    network, x = trained(network), image(2, 1, 80, 112)
    with torch.inference_mode():
        expected, output = network(x), inference_form(network)(x)
    torch.testing.assert_close(output, expected, rtol=1e-4, atol=1e-4)


def test_whole_scale_attentional_unet_is_the_same_to_1e_5_on_a_padded_image():
    network = trained(UNet(block=SCALES))
    padded = nn.functional.pad(image(1, 1, 221, 282), (3, 3, 2, 1))
    assert error(network, padded) < 1e-5


def test_no_normalisation_is_left():
    for block in (SCALES, PLAIN):
        form = inference_form(trained(UNet(block=block, **SMALL)))
        assert not any(isinstance(module, nn.BatchNorm2d) for module in form.modules())


def test_network_and_image_stay_untouched():
    network, x = trained(UNet(block=SCALES, **SMALL)), image(1, 1, 16, 16)
    state, before = deepcopy(network.state_dict()), x.clone()
    printed, expected = repr(network), network(x)
    inference_form(network)(x)
    assert repr(network) == printed
    assert torch.equal(network(x), expected)
    assert torch.equal(x, before)
    assert all(parameter.requires_grad for parameter in network.parameters())
    for name, value in network.state_dict().items():
        assert torch.equal(value, state[name])


def test_form_of_one_unit_leaves_its_input_untouched():
    unit, x = trained(ScaleAttentionalConv(4, 8, act=nn.ReLU(), scales=1)), image(1, 4, 6, 6)
    before = x.clone()
    inference_form(unit)(x)
    assert torch.equal(x, before)


def test_form_can_be_called_again():
    form, x = inference_form(trained(UNet(block=SCALES, **SMALL))), image(1, 1, 16, 16)
    first = form(x)
    form(1 - x)
    assert torch.equal(form(x), first)


def test_output_asks_for_no_gradients():
    assert not inference_form(trained(SCALES(1, 8)))(image(1, 1, 8, 8)).requires_grad


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_is_off_by_a_few_roundings(dtype):
    network, x = trained(UNet(block=SCALES, **SMALL)), image(1, 1, 32, 48)
    exact, half = network(x), inference_form(network).to(dtype)(x.to(dtype)).float()
    assert (half - exact).norm() < 10 * torch.finfo(dtype).eps * exact.norm()


def test_row_with_a_forward_of_its_own_is_left_alone():
    class Backwards(nn.Sequential):
        def forward(self, x):
            return self[0](self[1](x))

    assert error(trained(Backwards(nn.Conv2d(4, 4, 3), nn.BatchNorm2d(4))), image(1, 4, 6, 6)) == 0


def test_training_mode_is_an_error():
    network = UNet(block=SCALES, **SMALL).eval()
    network.decoder[0].train()
    with pytest.raises(InputError, match="network: expected one in evaluation mode, network.eval"):
        inference_form(network)


class NormThenDouble(nn.BatchNorm2d):
    """A normalisation that does more, as those of some libraries activate."""

    def forward(self, x):
        return 2 * super().forward(x)


@pytest.mark.parametrize("norm", [NormThenDouble(3), nn.BatchNorm2d(3, track_running_stats=False)])
def test_other_normalisations_stay(norm):
    network = nn.Sequential(nn.Conv2d(2, 3, 3), norm).eval()
    image = torch.rand(2, 2, 8, 8, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        assert_close(inference_form(network)(image), network(image))
