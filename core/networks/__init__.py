"""Whole networks, plain torch: image batch in, logits or image out."""

from core.networks.attention_unet import AttentionUNet
from core.networks.discriminator import Discriminator, PatchGAN
from core.networks.fcn import FCN
from core.networks.fpn import FPN
from core.networks.inception_unet import InceptionUNet
from core.networks.multires_unet import MultiResUNet
from core.networks.noise2noise_unet import Noise2NoiseUNet
from core.networks.resnet_generator import ResNetGenerator
from core.networks.restored import RestoredSegmenter
from core.networks.unet import UNet
from core.networks.unet_plus_plus import UNetPlusPlus
from core.networks.wavelet_transfer import WaveletTransfer

__all__ = [
    "FCN",
    "FPN",
    "AttentionUNet",
    "Discriminator",
    "InceptionUNet",
    "MultiResUNet",
    "Noise2NoiseUNet",
    "PatchGAN",
    "ResNetGenerator",
    "RestoredSegmenter",
    "UNet",
    "UNetPlusPlus",
    "WaveletTransfer",
]
