"""Attention U-Net: a U-Net whose skips pass a gate that the decoder opens where it looks.

Oktay et al., Attention U-Net: Learning Where to Look for the Pancreas, MIDL 2018.
"""

from __future__ import annotations

from core.layers.attention_gate import AttentionGate
from core.layers.convolution import Block
from core.layers.upsampling import Upsampling
from core.networks.unet import UNet


class AttentionUNet(UNet):
    """U-Net with an `AttentionGate` in each skip.

    8,725,501 parameters with `ConvNormAct` and the default arguments, those of the widely used
    PyTorch version: nearest-neighbour upsampling followed by one unit. That version's widths are
    twice as large, 64 to 1024.

    Args:
        block: Makes each unit from its channels (in, out): `ConvNormAct`, `ScaleAttentionalConv`...
        in_channels: Channels of the image.
        out_channels: Maps of logits: 1 for one structure, 1 + structures for several (the first is
            the background).
        widths: Channels of each level from the finest to the bottleneck.
        convs: Units a level of the encoder, in the bottleneck, and behind each join.
        up_convs: Units between upsampling and join.
        upsampling: "nearest", "bilinear" or "transposed".

    Raises:
        InputError: If there are fewer than two levels, or fewer than one unit a level; if neither
            units nor a transposed convolution bring the deep features to the width of the fine.
    """

    def __init__(
        self,
        *,
        block: Block,
        in_channels: int = 1,
        out_channels: int = 1,
        widths: tuple[int, ...] = (32, 64, 128, 256, 512),
        convs: int = 2,
        up_convs: int = 1,
        upsampling: Upsampling = "nearest",
    ) -> None:
        super().__init__(
            block=block,
            in_channels=in_channels,
            out_channels=out_channels,
            widths=widths,
            convs=convs,
            up_convs=up_convs,
            upsampling=upsampling,
            skip=AttentionGate,
        )
