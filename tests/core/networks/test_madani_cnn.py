"""The view thesis's baseline: its layers, its start, its sizes."""

import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.testing import assert_close

from core.checks import InputError
from core.networks import MadaniCNN


@pytest.fixture
def image():
    return torch.rand(3, 1, 60, 80, generator=torch.Generator().manual_seed(1))


def of_the_thesis(network, x):
    """Convolution, normalisation, ReLU; pooling behind every second: Figure 3.7, step by step."""
    parts = list(network.modules())
    convs = [part for part in parts if isinstance(part, nn.Conv2d)]
    linears = [part for part in parts if isinstance(part, nn.Linear)]
    norms = [part for part in parts if isinstance(part, nn.BatchNorm2d | nn.BatchNorm1d)]

    def normal(x, norm):
        return functional.batch_norm(
            x, norm.running_mean, norm.running_var, norm.weight, norm.bias, eps=1e-3
        )

    for number, conv in enumerate(convs):
        x = normal(functional.conv2d(x, conv.weight, conv.bias), norms[number]).relu()
        x = functional.max_pool2d(x, 2) if number % 2 else x
    x = x.flatten(1)
    for number, linear in enumerate(linears[:2]):
        x = normal(functional.linear(x, linear.weight, linear.bias), norms[6 + number]).relu()
    return functional.linear(x, linears[2].weight, linears[2].bias)


def test_logits_are_those_of_the_thesis_s_steps(image):
    torch.manual_seed(0)
    network = MadaniCNN()
    network(image)  # moves the running statistics
    network.whiten.set(0.4, 0.2)
    expected = of_the_thesis(network.eval(), (image - 0.4) / 0.2)
    assert_close(network(image), expected)


def test_maps_and_values_are_dropped_behind_each_layer_but_the_last():
    parts = [type(part).__name__ for part in MadaniCNN().modules()]
    assert (parts.count("Dropout2d"), parts.count("Dropout")) == (6, 2)
    for number, name in enumerate(parts):
        if name in ("Dropout2d", "Dropout"):
            assert parts[number - 1] == "ReLU"


def test_whole_maps_are_dropped(image):
    torch.manual_seed(0)
    network = MadaniCNN(batch_norm=False)
    maps = network.blocks[0](image)
    empty = (maps == 0).all((2, 3)).float().mean().item()
    assert 0.3 < empty < 0.8


def test_statistics_move_as_slowly_as_in_keras(image):
    network = MadaniCNN()
    network(image)
    norm = network.blocks[0][1]
    network.eval()
    seen = network.blocks[0][0](image).mean((0, 2, 3))
    assert_close(norm.running_mean, 0.01 * seen)


def test_weights_start_as_in_keras():
    torch.manual_seed(0)
    network = MadaniCNN()
    layers = [part for part in network.modules() if isinstance(part, nn.Conv2d | nn.Linear)]
    for layer in layers:
        outputs, inputs, *sides = layer.weight.shape
        field = torch.Size(sides).numel()
        limit = (6 / (field * (inputs + outputs))) ** 0.5
        assert layer.weight.abs().max() <= limit
        assert layer.weight.std().item() == pytest.approx(limit / 3**0.5, rel=0.1)
        assert not layer.bias.any()


def test_image_stays_as_it_was(image):
    kept = image.clone()
    MadaniCNN()(image)
    assert torch.equal(image, kept)


def test_whitening_can_be_left_out():
    assert list(MadaniCNN(whiten=False).whiten.state_dict()) == []


@pytest.mark.parametrize("shape", [(2, 1, 80, 60), (2, 3, 60, 80), (1, 60, 80)])
def test_images_of_another_shape_are_an_error(shape):
    with pytest.raises(InputError, match=r"image: expected a batch \(B,1,60,80\), got shape"):
        MadaniCNN()(torch.rand(shape))


@pytest.mark.parametrize(("size", "fits"), [((36, 36), True), ((35, 80), False)])
def test_images_of_which_nothing_would_be_left_are_an_error(size, fits):
    if fits:
        assert MadaniCNN(size=size).eval()(torch.rand(1, 1, *size)).shape == (1, 8)
    else:
        with pytest.raises(InputError, match="size: expected 36 pixels or more a side, got 35"):
            MadaniCNN(size=size)


@pytest.mark.parametrize("dropout", [-0.1, 1])
def test_a_dropout_that_is_no_probability_is_an_error(dropout):
    with pytest.raises(InputError, match="dropout: expected a probability"):
        MadaniCNN(dropout=dropout)
