"""Networks of segmentation_models_pytorch stand where the house's own do."""

import huggingface_hub.constants
import pytest
import torch
from jsonargparse import ArgumentParser
from torch import nn

from core.cli.messages import explain
from core.losses import DiceLoss

SMALL = {
    "encoder_name": "resnet18",
    "decoder_channels": [16, 8, 8, 4, 4],
    "in_channels": 1,
    "classes": 1,
}


def from_config(name, **init_args):
    """Build a network as a configuration names it."""
    parser = ArgumentParser(exit_on_error=False)
    parser.add_subclass_arguments(nn.Module, "network")
    class_path = f"segmentation_models_pytorch.{name}"
    given = {"class_path": class_path, "init_args": SMALL | init_args}
    return parser.instantiate(parser.parse_object({"network": given})).network


@pytest.mark.parametrize("name", ["Unet", "UnetPlusPlus", "MAnet"])
def test_network_gives_mask_logits_and_takes_the_house_s_loss(name):
    network, image = from_config(name, encoder_weights=None), torch.rand(2, 1, 32, 64)
    logits = network(image)
    assert logits.shape == (2, 1, 32, 64)
    DiceLoss()(logits, torch.ones(2, 32, 64).long()).backward()


def test_pretrained_weights_that_cannot_be_had_are_one_line(monkeypatch, tmp_path):
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(ValueError, match="Hub") as caught:
        from_config("UnetPlusPlus", encoder_weights="imagenet")
    line = explain(str(caught.value), known=[])
    assert "\n" not in line
    assert line.startswith("An error happened while trying to locate the file on the Hub")
