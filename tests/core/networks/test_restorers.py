"""The networks that are compared as restorers of colour images, at the sizes of their authors."""

import pytest
import torch
from jsonargparse import ArgumentParser
from torch import nn

ENCODER = {"encoder_name": "resnet34", "encoder_weights": None, "classes": 3}
MILLIONS = {
    "segmentation_models_pytorch.UnetPlusPlus": (26.08, ENCODER),
    "segmentation_models_pytorch.DeepLabV3": (26.01, ENCODER),
    "segmentation_models_pytorch.Linknet": (21.77, ENCODER),
    "segmentation_models_pytorch.MAnet": (31.78, ENCODER),
    "core.networks.FCN": (51.94, {}),
    "core.networks.Noise2NoiseUNet": (0.70, {}),
}


@pytest.mark.parametrize("name", MILLIONS)
def test_restorer_has_as_many_parameters_as_the_original(name):
    millions, init_args = MILLIONS[name]
    parser = ArgumentParser(exit_on_error=False)
    parser.add_subclass_arguments(nn.Module, "network")
    node = {"class_path": name, "init_args": init_args}
    config = parser.parse_object({"network": node})
    with torch.device("meta"):
        network = parser.instantiate(config).network
        assert network.eval()(torch.rand(1, 3, 64, 64)).shape == (1, 3, 64, 64)
    assert round(sum(p.numel() for p in network.parameters()) / 1e6, 2) == millions
