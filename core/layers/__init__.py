"""Layers, one idea a file: plain torch, no training code."""

from core.layers.activations import PerChannel, fresh_activation
from core.layers.inception import InceptionBlock, ScaledResidual
from core.layers.noisy_activation import NoisyActivation
from core.layers.noisy_units import NoisyHardSigmoid, NoisyHardTanh, NoisyReLU

__all__ = [
    "InceptionBlock",
    "NoisyActivation",
    "NoisyHardSigmoid",
    "NoisyHardTanh",
    "NoisyReLU",
    "PerChannel",
    "ScaledResidual",
    "fresh_activation",
]
