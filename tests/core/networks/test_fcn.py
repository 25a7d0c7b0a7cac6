"""The FCN baseline: torchvision's, without a second head."""

import pytest
import torch

from core.checks import InputError
from core.networks import FCN


@pytest.mark.parametrize(
    ("backbone", "millions"), [("resnet101", 51.94), ("resnet50", 32.95)], ids=str
)
def test_number_of_parameters(backbone, millions):
    with torch.device("meta"):
        network = FCN(backbone=backbone)
    assert round(sum(p.numel() for p in network.parameters()) / 1e6, 2) == millions


def test_gives_one_output_on_the_grid_of_the_image():
    with torch.device("meta"):
        network = FCN(backbone="resnet50", out_channels=2)
        assert network(torch.rand(2, 3, 32, 48)).shape == (2, 2, 32, 48)


def test_another_backbone_is_an_error():
    with pytest.raises(InputError, match="backbone: expected one of resnet50, resnet101, got vgg"):
        FCN(backbone="vgg")
