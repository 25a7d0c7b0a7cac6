import pytest
import segmentation_models_pytorch
import torch
from torch import nn

from core.checks import InputError
from core.layers import inference_form
from core.networks import FPN

SMALL = {"encoder_name": "tu-resnet10t", "pyramid_channels": 32, "head_channels": 32}


def count(module):
    return sum(parameter.numel() for parameter in module.parameters())


def test_it_is_the_librarys_network_but_for_the_normalisation():
    ours = FPN(encoder_name="resnet18", out_channels=4)
    theirs = segmentation_models_pytorch.FPN(
        "resnet18", encoder_weights=None, in_channels=1, classes=4
    )
    assert count(ours) == count(theirs)
    assert ours.fpn.state_dict().keys() >= theirs.state_dict().keys()
    assert not any(isinstance(module, nn.GroupNorm) for module in ours.modules())
    assert sum(isinstance(module, nn.GroupNorm) for module in theirs.modules()) == 7


def test_what_it_sees_in_one_corner_does_not_depend_on_another_far_away():
    """Normalising by groups over the whole image it would, and a patch is not a whole image."""
    torch.manual_seed(0)
    ours = FPN(**SMALL).eval()
    for layer in ours.modules():
        if isinstance(layer, nn.BatchNorm2d):
            nn.init.normal_(layer.running_mean, std=0.1)
    image = torch.rand(1, 1, 1024, 64)
    other = image.clone()
    other[:, :, 900:] = 0
    with torch.no_grad():
        difference = (ours(image) - ours(other)).abs()[0, 0].amax(1)
    assert difference[900:].max() > 1e-3
    assert difference[:100].max() < 1e-6


def test_its_inference_form_gives_the_same():
    torch.manual_seed(0)
    ours, image = FPN(**SMALL, out_channels=4).eval(), torch.rand(2, 1, 64, 96)
    assert ours(image).shape == (2, 4, 64, 96)
    torch.testing.assert_close(inference_form(ours)(image), ours(image), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", ["resnet19", "tu-resnet19"])
def test_an_unknown_encoder_is_refused(name):
    with pytest.raises(InputError, match=f"encoder_name: expected .*, got {name}"):
        FPN(encoder_name=name)


def test_a_head_of_other_channels_is_refused():
    with pytest.raises(InputError, match="head_channels: expected a multiple of 32, got 48"):
        FPN(head_channels=48)
