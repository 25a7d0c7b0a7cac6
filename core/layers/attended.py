"""Convolutions that end in spatial attention: the unit of DA-GAN's generator."""

from __future__ import annotations

from torch import nn

from core.checks import require
from core.layers.activations import fresh_activation
from core.layers.convolution import chain, same_conv
from core.layers.normalisation import Norm, normalisation
from core.layers.spatial_attention import SpatialAttention


class AttendedConvs(nn.Sequential):
    """3x3 convolutions, each normalised and activated, then one `SpatialAttention`.

    A level of DA-GAN's generator. The paper says that the generator is a simple U-Net of widths 64,
    128 and 256 with spatial attention units; how many convolutions a level has, and which
    normalisation, it leaves open. Two, as in the U-Net, are our choice. Normalisation of each
    instance would make a patch and the whole image it comes from look different.

    Args:
        in_channels: Channels of the input (B,C,H,W).
        out_channels: Channels of the output (B,out_channels,H,W).
        act: Prototype of the activation.
        convs: Number of convolutions.
        norm: "batch", "instance" (without learned scale), or "none".
        attention: Whether the attention is there; everything else is the same without.
        hidden: Hidden maps of the attention.

    Raises:
        InputError: If there is no convolution or no hidden map, or for another normalisation.

    References:
        Huang et al., DA-GAN, ISBI 2021, Sections 2.2 and 3.2.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        act: nn.Module,
        convs: int = 2,
        norm: Norm = "batch",
        attention: bool = True,
        hidden: int = 8,
    ) -> None:
        require(convs >= 1, "convs", "at least 1", convs)

        def unit(channels: int, width: int) -> nn.Module:
            conv = same_conv(channels, width, (3, 3))
            return nn.Sequential(conv, normalisation(norm, width), fresh_activation(act, width))

        super().__init__(*chain(unit, in_channels, out_channels, convs))
        if attention:
            self.append(SpatialAttention(hidden=hidden))
