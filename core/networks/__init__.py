"""Whole networks, plain torch: image batch in, logits or image out."""

from core.networks.attention_unet import AttentionUNet
from core.networks.inception_unet import InceptionUNet
from core.networks.multires_unet import MultiResUNet
from core.networks.unet import UNet
from core.networks.unet_plus_plus import UNetPlusPlus

__all__ = ["AttentionUNet", "InceptionUNet", "MultiResUNet", "UNet", "UNetPlusPlus"]
