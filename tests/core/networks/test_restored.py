"""A denoiser before a segmenter, among them segmenters of segmentation_models_pytorch."""

from functools import partial

import pytest
import torch
from jsonargparse import ArgumentParser
from torch import nn
from torch.testing import assert_close

from core.checks import InputError
from core.layers import AttendedConvs, inference_form
from core.networks import ResNetGenerator, RestoredSegmenter, UNet

SEGMENTER = {
    "class_path": "segmentation_models_pytorch.FPN",
    "init_args": {
        "encoder_name": "tu-resnet10t",
        "encoder_weights": None,
        "decoder_pyramid_channels": 16,
        "decoder_segmentation_channels": 32,
        "in_channels": 1,
        "classes": 4,
    },
}
DENOISER = {
    "class_path": "core.networks.UNet",
    "init_args": {
        "block": {
            "class_path": "core.layers.AttendedConvs",
            "init_args": {"act": {"class_path": "torch.nn.ReLU"}},
        },
        "widths": [4, 8, 8],
        "convs": 1,
        "up_convs": 0,
    },
}


class Shift(nn.Module):
    """Adds a number to every pixel."""

    def __init__(self, by):
        super().__init__()
        self.by = nn.Parameter(torch.tensor(by))

    def forward(self, image):
        return image + self.by


class Halves(nn.Module):
    """A segmenter of two maps whose result can be worked by hand."""

    def forward(self, image):
        return torch.cat([image, image / 2], dim=1)


def from_config(seed=0, **init_args):
    """Build the network as a configuration names it."""
    torch.manual_seed(seed)
    parser = ArgumentParser(exit_on_error=False)
    parser.add_subclass_arguments(nn.Module, "network")
    parts = {"denoiser": DENOISER, "segmenter": SEGMENTER} | init_args
    given = {"class_path": "core.networks.RestoredSegmenter", "init_args": parts}
    return parser.instantiate(parser.parse_object({"network": given})).network


def image(*values):
    return torch.tensor(values).view(1, 1, 1, -1)


def test_segments_the_restored_image():
    network, x = RestoredSegmenter(Shift(0.25), Halves()).eval(), image(0.25, 0.5)
    assert_close(network.restore(x), image(0.5, 0.75))
    assert_close(network(x), torch.cat([image(0.5, 0.75), image(0.25, 0.375)], dim=1))


def test_residual_adds_what_the_denoiser_gives():
    network = RestoredSegmenter(nn.Tanh(), Halves(), residual=True).train()
    x = image(0.25, 0.5)
    assert_close(network.restore(x), x + x.tanh())


@pytest.mark.parametrize("residual", [False, True])
def test_clamps_in_evaluation_only(residual):
    denoiser = Shift(0.75)
    network, x = RestoredSegmenter(denoiser, Halves(), residual=residual), image(0.1, 0.5)
    free = x + 0.75 + (x if residual else 0)
    assert_close(network.train().restore(x), free)
    assert_close(network.eval().restore(x), free.clamp(0, 1))


def test_gradients_of_the_segmentation_reach_the_denoiser():
    network = RestoredSegmenter(Shift(2.0), Halves()).train()
    network(image(0.5)).sum().backward()
    assert network.denoiser.by.grad == 1.5


def test_configuration_gives_logits_for_every_class():
    network = from_config().eval()
    x = torch.rand(2, 1, 64, 32)
    assert network(x).shape == (2, 4, 64, 32)
    assert network.restore(x).shape == x.shape
    assert from_config(residual=True).residual


@pytest.mark.parametrize("residual", [False, True])
def test_inference_form_gives_the_same_output(residual):
    network, x = from_config(residual=residual), torch.rand(4, 1, 64, 32)
    network(x)  # statistics of its own
    form = inference_form(network.eval())
    with torch.no_grad():
        assert_close(form(x), network(x), rtol=1e-4, atol=1e-4)
        assert_close(form.restore(x), network.restore(x), rtol=1e-4, atol=1e-5)
    norms = [m for m in form.denoiser.modules() if isinstance(m, nn.BatchNorm2d)]
    assert norms == []


def test_inference_form_with_cycle_gan_s_generator_gives_the_same_output():
    torch.manual_seed(0)
    network = RestoredSegmenter(ResNetGenerator(blocks=1, width=4), Halves()).eval()
    x = torch.rand(1, 1, 32, 32)
    with torch.no_grad():
        assert_close(inference_form(network)(x), network(x), rtol=1e-4, atol=1e-4)


def test_denoiser_of_another_shape_is_an_error():
    block = partial(AttendedConvs, act=nn.ReLU())
    network = RestoredSegmenter(UNet(block=block, widths=(4, 8), out_channels=2), Halves())
    message = r"denoiser: expected images of shape \(1, 1, 8, 8\) from it, got \(1, 2, 8, 8\)"
    with pytest.raises(InputError, match=message):
        network(torch.rand(1, 1, 8, 8))
