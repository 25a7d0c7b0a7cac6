"""The annotation paper's U-Net: its size, its shared blocks, its start, weights of another run."""

import math
from pathlib import Path

import pytest
import torch
import yaml
from jsonargparse import ArgumentParser
from torch import nn
from torch.nn import functional
from torch.testing import assert_close

from core.callbacks import RunConfig
from core.checks import InputError
from core.networks import Noise2NoiseUNet

SMALL = (4, 6, 5, 3)


@pytest.fixture
def image():
    return torch.rand(2, 3, 32, 64, generator=torch.Generator().manual_seed(1))


def built(seed=0, **settings):
    torch.manual_seed(seed)
    return Noise2NoiseUNet(**{"widths": SMALL, **settings})


def parameters(network):
    return sum(p.numel() for p in network.parameters())


@pytest.mark.parametrize(("shared", "count"), [(True, 700_611), (False, 1_344_147)])
def test_number_of_parameters_is_the_original_s(shared, count):
    with torch.device("meta"):
        assert parameters(Noise2NoiseUNet(shared=shared)) == count


def of_the_paper(network, image):
    """The original's steps written down one by one, on this network's tensors."""
    layers = [m for m in network.modules() if isinstance(m, nn.Conv2d | nn.ConvTranspose2d)]
    e1, e2, d, b, b_up, j1, j2, j_up, k1, k2, k_up, o1, o2, o3 = layers

    def unit(layer, *maps):
        return functional.conv2d(torch.cat(maps, 1), layer.weight, layer.bias, padding=1).relu()

    def risen(layer, x):
        return functional.conv_transpose2d(x, layer.weight, layer.bias, 2, 1, 1)

    pools = [image, functional.max_pool2d(unit(e2, unit(e1, image)), 2)]
    for _ in range(4):
        pools.append(functional.max_pool2d(unit(d, pools[-1]), 2))
    x = risen(b_up, unit(b, pools[5]))
    x = risen(j_up, unit(j2, unit(j1, x, pools[4])))
    for level in (3, 2, 1):
        x = risen(k_up, unit(k2, unit(k1, x, pools[level])))
    x = unit(o2, unit(o1, x, pools[0]))
    return functional.leaky_relu(functional.conv2d(x, o3.weight, o3.bias, padding=1), 0.1)


def test_output_is_that_of_the_original_s_steps(image):
    network = built()
    expected = of_the_paper(network, image)
    assert (expected < 0).any()
    assert_close(network(image), expected)


def test_levels_of_their_own_answer_alike_as_long_as_their_weights_do(image):
    network, other = built(), built(shared=False)
    stored = network.state_dict()
    own = {name: stored[_of_shared(name)] for name in other.state_dict()}
    other.load_state_dict(own)
    assert_close(other(image), network(image))


def _of_shared(name):
    """The shared block's name of a level's own."""
    room, *rest = name.split(".")
    return ".".join([room, "0", *rest[1:]]) if room in ("down", "joins") else name


def test_weights_start_as_he_et_al_have_them():
    network = Noise2NoiseUNet()
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
            deviation = math.sqrt(2 / (9 * module.weight.shape[1]))
            assert module.weight.std().item() == pytest.approx(deviation, rel=0.1)
            assert not module.bias.any()


def test_logits_pass_without_activation(image):
    network = built(out_channels=1, act=nn.Identity())
    logits = network(image)
    assert logits.shape == (2, 1, 32, 64)
    assert_close(functional.leaky_relu(logits, 0.1), built(out_channels=1)(image))


@pytest.mark.parametrize("shared", [True, False])
def test_every_parameter_gets_a_gradient(image, shared):
    network = built(shared=shared)
    network(image).square().sum().backward()
    assert [name for name, p in network.named_parameters() if p.grad is None] == []


def test_image_stays_as_it_was(image):
    kept = image.clone()
    built()(image)
    assert torch.equal(image, kept)


@pytest.mark.parametrize("shape", [(1, 3, 48, 64), (1, 1, 32, 32)])
def test_another_size_or_number_of_channels_is_an_error(shape):
    with pytest.raises(InputError, match=r"image: expected .*(\(64, 64\)|\(B,3,h,w\)), got shape"):
        built()(torch.rand(shape))


def test_other_than_four_widths_are_an_error():
    with pytest.raises(InputError, match="widths: expected four numbers of channels, got 3"):
        built(widths=(4, 6, 5))


@pytest.fixture
def run(tmp_path):
    """A run folder whose network was trained, and what it was."""
    network = built(seed=7)
    named = {f"network.{name}": tensor for name, tensor in network.state_dict().items()}
    (tmp_path / "checkpoints").mkdir()
    content = {"state_dict": named | {"rival.exit.0.bias": torch.ones(5)}}
    torch.save(content, tmp_path / "checkpoints" / "best.ckpt")
    return tmp_path, network


@pytest.mark.parametrize("place", ["", "checkpoints/best.ckpt"])
@pytest.mark.parametrize("kind", [Path, str])
def test_weights_come_from_a_run_or_its_checkpoint(run, image, place, kind):
    folder, network = run
    assert torch.equal(built(weights=kind(folder / place))(image), network(image))


def test_a_head_of_other_channels_stays_as_initialised(run):
    folder, network = run
    other, fresh = built(out_channels=5, weights=folder), built(out_channels=5)
    assert torch.equal(other.exit[0].weight, network.exit[0].weight)
    assert torch.equal(other.exit[4].weight, fresh.exit[4].weight)


def test_weights_of_another_network_are_an_error(run):
    message = "best.ckpt: expected weights of the configured network, got 1 of 28 tensors that fit"
    with pytest.raises(InputError, match=message):
        built(widths=(8, 8, 8, 8), weights=run[0])


@pytest.mark.parametrize("place", ["none.ckpt", "empty"])
def test_a_missing_checkpoint_is_one_line(tmp_path, place):
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=f"checkpoint .*{place}.*: the file is missing$"):
        built(weights=tmp_path / place)


def test_its_checkpoints_card_asks_for_no_file(run):
    """What a run writes into its checkpoints builds the network where the first run is gone."""
    parser = ArgumentParser(exit_on_error=False)
    parser.add_subclass_arguments(nn.Module, "network")
    given = {"widths": list(SMALL), "weights": str(run[0])}
    node = {"class_path": "core.networks.Noise2NoiseUNet", "init_args": given}
    config = yaml.safe_load(parser.dump(parser.parse_object({"network": node})))
    assert config["network"]["init_args"]["weights"] == str(run[0])
    card = yaml.safe_load(RunConfig("paper", config).card)
    network = parser.instantiate(parser.parse_object(card)).network
    assert parameters(network) == parameters(run[1])
