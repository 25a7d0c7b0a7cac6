"""Layers, one idea a file: plain torch, no training code."""

from core.layers.activations import PerChannel, fresh_activation
from core.layers.dropout import Dropout
from core.layers.inception import InceptionBlock, ScaledResidual, UpInceptionBlock
from core.layers.noisy_activation import NoisyActivation
from core.layers.noisy_units import NoisyHardSigmoid, NoisyHardTanh, NoisyReLU

__all__ = [
    "Dropout",
    "InceptionBlock",
    "NoisyActivation",
    "NoisyHardSigmoid",
    "NoisyHardTanh",
    "NoisyReLU",
    "PerChannel",
    "ScaledResidual",
    "UpInceptionBlock",
    "fresh_activation",
]
