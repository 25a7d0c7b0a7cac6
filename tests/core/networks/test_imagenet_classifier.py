"""Preprocessing and heads of the networks that come from ImageNet."""

import pytest
import timm
import torch
from torch.testing import assert_close

from core.networks import VGG16, InceptionV3, MobileNetV1, NASNetMobile


@pytest.fixture
def image():
    return torch.rand(2, 1, 40, 48, generator=torch.Generator().manual_seed(1))


def test_logits_are_timm_s_of_normalised_colours(image):
    network = MobileNetV1(classes=7).eval()
    body = timm.create_model("mobilenetv1_100", num_classes=7).eval()
    body.load_state_dict(network.body.state_dict())
    assert_close(network(image), body(2 * image.repeat(1, 3, 1, 1) - 1))


@pytest.mark.parametrize("make", [MobileNetV1, NASNetMobile])
def test_grey_is_three_equal_colours(make, image):
    network = make().eval()
    assert_close(network(image), network(image.repeat(1, 3, 1, 1)))


@pytest.mark.parametrize(
    ("make", "mean", "std"),
    [
        (MobileNetV1, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
        (InceptionV3, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
        (NASNetMobile, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
        pytest.param(VGG16, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), marks=pytest.mark.slow),
    ],
)
def test_preprocessing_is_that_of_the_weights(make, mean, std):
    network = make()
    assert_close(network.mean.flatten(), torch.tensor(mean))
    assert_close(network.std.flatten(), torch.tensor(std))


def test_head_starts_as_keras_starts_it():
    layer = MobileNetV1(classes=100).head
    limit = (6 / (1024 + 100)) ** 0.5
    assert 0.99 * limit < layer.weight.abs().max() <= limit
    assert layer.weight.std().item() == pytest.approx(limit / 3**0.5, rel=0.02)
    assert not layer.bias.any()


def test_preprocessing_is_no_part_of_the_weights():
    assert all(name.startswith("body.") for name in MobileNetV1().state_dict())
