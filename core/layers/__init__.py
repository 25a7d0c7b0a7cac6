"""Layers, one idea a file: plain torch, no training code."""

from core.layers.activations import PerChannel, fresh_activation
from core.layers.attended import AttendedConvs
from core.layers.attention_gate import AttentionGate
from core.layers.channel_attention import ChannelAttention
from core.layers.convolution import Block, ConvNormAct
from core.layers.dropout import Dropout
from core.layers.folding import inference_form
from core.layers.freezing import freeze_but, is_frozen
from core.layers.inception import InceptionBlock, ScaledResidual, UpInceptionBlock
from core.layers.multires import MultiResBlock, ResPath
from core.layers.noisy_activation import NoisyActivation
from core.layers.noisy_units import NoisyHardSigmoid, NoisyHardTanh, NoisyReLU
from core.layers.pyramid_pooling import PyramidPooling, PyramidPoolingSkip
from core.layers.scale_attention import ScaleAttentionalConv
from core.layers.spatial_attention import SpatialAttention
from core.layers.whiten import Whiten

__all__ = [
    "AttendedConvs",
    "AttentionGate",
    "Block",
    "ChannelAttention",
    "ConvNormAct",
    "Dropout",
    "InceptionBlock",
    "MultiResBlock",
    "NoisyActivation",
    "NoisyHardSigmoid",
    "NoisyHardTanh",
    "NoisyReLU",
    "PerChannel",
    "PyramidPooling",
    "PyramidPoolingSkip",
    "ResPath",
    "ScaleAttentionalConv",
    "ScaledResidual",
    "SpatialAttention",
    "UpInceptionBlock",
    "Whiten",
    "freeze_but",
    "fresh_activation",
    "inference_form",
    "is_frozen",
]
