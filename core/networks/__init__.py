"""Whole networks, plain torch: image batch in, logits or image out."""

from core.networks.attention_unet import AttentionUNet
from core.networks.classifier import Classifier
from core.networks.discriminator import Discriminator, PatchGAN
from core.networks.fcn import FCN
from core.networks.fpn import FPN
from core.networks.inception_unet import InceptionUNet
from core.networks.madani_cnn import MadaniCNN
from core.networks.multires_unet import MultiResUNet
from core.networks.nasnet_mobile import NASNetMobile
from core.networks.noise2noise_unet import Noise2NoiseUNet
from core.networks.resnet_generator import ResNetGenerator
from core.networks.restored import RestoredSegmenter
from core.networks.sequence_classifier import SequenceClassifier
from core.networks.timm_classifiers import VGG16, InceptionV3, MobileNetV1
from core.networks.unet import UNet
from core.networks.unet_plus_plus import UNetPlusPlus
from core.networks.wavelet_transfer import WaveletTransfer

__all__ = [
    "FCN",
    "FPN",
    "VGG16",
    "AttentionUNet",
    "Classifier",
    "Discriminator",
    "InceptionUNet",
    "InceptionV3",
    "MadaniCNN",
    "MobileNetV1",
    "MultiResUNet",
    "NASNetMobile",
    "Noise2NoiseUNet",
    "PatchGAN",
    "ResNetGenerator",
    "RestoredSegmenter",
    "SequenceClassifier",
    "UNet",
    "UNetPlusPlus",
    "WaveletTransfer",
]
