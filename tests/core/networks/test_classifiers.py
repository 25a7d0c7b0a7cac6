"""What every classifier of the house keeps to; add a network by adding a line."""

from functools import partial

import pytest
import torch
from jsonargparse import ArgumentParser
from torch import nn
from torch.nn import functional
from torch.testing import assert_close

from core.checks import InputError
from core.networks import (
    VGG16,
    Classifier,
    InceptionV3,
    MadaniCNN,
    MobileNetV1,
    NASNetMobile,
    SequenceClassifier,
)

MADANI = partial(MadaniCNN, size=(36, 40))
NETWORKS = {
    "MadaniCNN": (MADANI, (1, 36, 40), 512),
    "MobileNetV1": (MobileNetV1, (1, 32, 40), 1024),
    "NASNetMobile": (NASNetMobile, (1, 32, 40), 1056),
    "InceptionV3": (InceptionV3, (1, 75, 80), 2048),
    "sequence": (lambda **k: SequenceClassifier(MADANI(), **k), (3, 1, 36, 40), 256),
    "VGG16": (VGG16, (1, 32, 40), 4096),
}
SLOW = {"VGG16": pytest.mark.slow, "InceptionV3": pytest.mark.slow}  # 134 and 22 million parameters
EACH = [pytest.param(*each, id=name, marks=SLOW.get(name, ())) for name, each in NETWORKS.items()]
each_network = pytest.mark.parametrize(("make", "shape", "width"), EACH)


def built(make, **settings):
    torch.manual_seed(0)
    return make(classes=5, **settings)


def batch(shape, count=2):
    return torch.rand(count, *shape, generator=torch.Generator().manual_seed(1))


@each_network
def test_logits_are_the_head_s_of_the_features(make, shape, width):
    network, image = built(make).eval(), batch(shape)
    features = network.features(image)
    assert features.shape == (2, width)
    assert network(image).shape == (2, 5)
    assert_close(network(image), network.head(features))


@each_network
def test_every_parameter_gets_a_gradient(make, shape, width):
    network = built(make)
    functional.cross_entropy(network(batch(shape)), torch.tensor([0, 4])).backward()
    assert [name for name, p in network.named_parameters() if p.grad is None] == []


@each_network
def test_16_bits_give_nearly_the_same(make, shape, width):
    network, image = built(make).eval(), batch(shape)
    with torch.autocast("cpu", torch.bfloat16):
        logits = network(image)
    expected = network(image)
    assert (logits.float() - expected).abs().max() < 0.05 * expected.abs().max() + 0.05


@pytest.mark.parametrize(("make", "shape", "width"), NETWORKS.values(), ids=NETWORKS)
def test_stages_hold_each_parameter_once_with_the_head_first(make, shape, width):
    with torch.device("meta"):
        network = built(make)
    stages = list(network.stages().values())
    held = [id(p) for parts in stages for part in parts for p in part.parameters()]
    assert sorted(held) == sorted(map(id, network.parameters()))
    assert all(any(True for part in parts for _ in part.parameters()) for parts in stages)
    assert any(part is network.head for top in stages[0] for part in top.modules())


@pytest.mark.parametrize(("make", "shape", "width"), NETWORKS.values(), ids=NETWORKS)
def test_first_convolution_is_in_the_last_stage(make, shape, width):
    with torch.device("meta"):
        network = built(make)
    name, parts = list(network.stages().items())[-1]
    first = next(part for part in network.modules() if isinstance(part, nn.Conv2d))
    assert name == "input"
    assert any(part is first for top in parts for part in top.modules())


@pytest.mark.parametrize(
    ("make", "count"),
    [
        (partial(MadaniCNN, classes=15, batch_norm=False), 3_980_019),
        (MadaniCNN, 3_980_404),
        (partial(MobileNetV1, classes=1000), 4_231_976),
        (partial(VGG16, classes=1000), 138_357_544),
        (partial(InceptionV3, classes=1000), 23_834_568),
        (partial(NASNetMobile, classes=1000), 5_289_978),
    ],
)
def test_number_of_parameters_is_the_original_s(make, count):
    with torch.device("meta"):
        assert sum(p.numel() for p in make().parameters()) == count


def test_stages_are_those_of_the_thesis():
    with torch.device("meta"):
        mobilenet, vgg = MobileNetV1(), VGG16()
    blocks = [f"conv block {number}" for number in range(13, 0, -1)]
    assert list(mobilenet.stages()) == ["classification head", *blocks, "input"]
    assert list(vgg.stages()) == ["classification head", *blocks[8:12], "input"]


@pytest.mark.parametrize("name", ["MobileNetV1", "NASNetMobile", "MadaniCNN"])
def test_images_of_another_shape_are_an_error_that_says_what_fits(name):
    make, shape, _ = NETWORKS[name]
    for wrong in ((2, *shape[1:]), (1, 31, 31)):
        with pytest.raises(InputError, match=r"image: expected a batch \(B,1,.*, got shape \(2, "):
            built(make)(batch(wrong))


def test_a_configuration_names_a_network_inside_a_network():
    parser = ArgumentParser(exit_on_error=False)
    parser.add_subclass_arguments(nn.Module, "network")
    encoder = {"class_path": "core.networks.MadaniCNN", "init_args": {"size": [36, 40]}}
    given = {"encoder": encoder, "classes": 3, "head": "attention"}
    node = {"class_path": "core.networks.SequenceClassifier", "init_args": given}
    network = parser.instantiate(parser.parse_object({"network": node})).network
    assert isinstance(network.encoder, Classifier)
    assert network(batch((2, 1, 36, 40))).shape == (2, 3)


@pytest.mark.parametrize(
    "make",
    [
        MobileNetV1,
        NASNetMobile,
        *(pytest.param(each, marks=pytest.mark.slow) for each in (InceptionV3, VGG16)),
    ],
)
def test_dropout_is_before_the_last_layer(make):
    network, image = built(make, dropout=0.9), batch((1, 80, 80))
    thinned = (network.features(image) == 0).float().mean()
    whole = (network.eval().features(image) == 0).float().mean()
    assert thinned > 0.85
    assert whole < 0.6
