"""The inception U-Net: size, errors, standardisation."""

import pytest
import torch
from torch import nn

from core.checks import InputError
from core.layers import NoisyActivation
from core.networks import InceptionUNet


def parameters(network):
    return sum(p.numel() for p in network.parameters())


@pytest.fixture(scope="module")
def original():
    return InceptionUNet(act=nn.ELU())


def test_original_has_1858972_parameters(original):
    assert parameters(original) == 1_858_972


def test_presence_head_has_549_of_them():
    assert parameters(InceptionUNet(act=nn.ELU(), presence_head=False)) == 1_858_972 - (513 + 36)


def test_activations_are_replaced_everywhere(original):
    activations = [m for m in original.modules() if isinstance(m, nn.ELU)]
    assert len(activations) == 9 * 5 + 4 + 4


def test_learned_noise_adds_one_parameter_a_channel():
    small = {"widths": (16, 32), "presence_head": False}
    plain = InceptionUNet(act=nn.ELU(), **small)
    learned = InceptionUNet(act=NoisyActivation(), **small)
    a_block = {16: 6 + 8 + 1 + 2 + 16, 32: 12 + 16 + 2 + 4 + 32}
    places = 2 * a_block[16] + a_block[32] + 16 + 16
    assert parameters(learned) - parameters(plain) == places


def test_output_on_the_paper_grid(original):
    mask, presence = original.eval()(torch.rand(1, 1, 80, 112))
    assert mask.shape == (1, 1, 80, 112)
    assert presence.shape == (1,)


def test_presence_is_a_weighted_sum_of_squashed_places():
    network = InceptionUNet(act=nn.ELU(), widths=(16, 32), input_size=(8, 8)).eval()
    nn.init.ones_(network.presence_head[-1].weight)
    nn.init.zeros_(network.presence_head[0].weight)
    _, presence = network(torch.rand(3, 1, 8, 8))
    assert presence.tolist() == pytest.approx([16 * 0.5] * 3)


def test_input_is_standardised_by_the_statistics_of_the_training_images():
    network = InceptionUNet(act=nn.ELU(), widths=(16, 32), presence_head=False)
    network.standardise.momentum = 1.0  # one step is the whole history
    image = 0.3 + 0.1 * torch.randn(4, 1, 8, 8)
    network(image)
    assert network.standardise.running_mean.item() == pytest.approx(image.mean().item())
    assert network.standardise.running_var.item() == pytest.approx(image.var().item())


def test_standardisation_starts_from_even_grey_values():
    layer = InceptionUNet(act=nn.ELU(), widths=(16, 32), presence_head=False).eval().standardise
    grey = layer(torch.linspace(0, 1, 10_000).view(1, 1, 100, 100))
    assert grey.mean().item() == pytest.approx(0, abs=1e-3)
    assert grey.std().item() == pytest.approx(1, abs=1e-3)


def test_without_dropout_and_noise_training_draws_no_random_number():
    network = InceptionUNet(act=nn.ELU(), widths=(16, 32), dropout=0.0, presence_head=False)
    before = torch.get_rng_state()
    network(torch.rand(1, 1, 8, 8, generator=torch.Generator()))
    assert torch.equal(torch.get_rng_state(), before)


def test_size_that_cannot_be_halved_is_an_error_that_names_the_next():
    network = InceptionUNet(act=nn.ELU(), presence_head=False)
    message = r"divisible by 16: pad or resize to \(96, 112\), got shape \(1, 1, 81, 112\)"
    with pytest.raises(InputError, match=message):
        network(torch.rand(1, 1, 81, 112))


def test_size_that_the_presence_head_was_not_built_for_is_an_error(original):
    with pytest.raises(InputError, match=r"the presence head's input_size \(80, 112\)"):
        original(torch.rand(1, 1, 96, 112))


def test_colour_image_for_a_grey_network_is_an_error(original):
    with pytest.raises(InputError, match=r"a batch \(B,1,h,w\), got shape \(1, 3, 80, 112\)"):
        original(torch.rand(1, 3, 80, 112))


def test_input_size_that_cannot_be_halved_is_an_error():
    message = r"input_size: expected .* divisible by 16: pad or resize to \(96, 128\)"
    with pytest.raises(InputError, match=message):
        InceptionUNet(act=nn.ELU(), input_size=(90, 128))


def test_single_level_is_an_error():
    with pytest.raises(InputError, match="widths: expected at least two levels"):
        InceptionUNet(act=nn.ELU(), widths=(32,))
