"""Whole networks, plain torch: image batch in, logits or image out."""

from core.networks.inception_unet import InceptionUNet
from core.networks.unet import UNet

__all__ = ["InceptionUNet", "UNet"]
