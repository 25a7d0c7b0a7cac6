"""Whole networks, plain torch: image batch in, logits or image out."""

from core.networks.inception_unet import InceptionUNet

__all__ = ["InceptionUNet"]
