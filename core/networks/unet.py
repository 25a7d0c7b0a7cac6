"""The U-Net, with its unit, depth, widths, upsampling and skips as arguments.

Ronneberger et al., U-Net, MICCAI 2015. With `ConvNormAct` as unit it is the baseline of the median
nerve paper, with `ScaleAttentionalConv` the paper's network (Kim et al., Ultrasonography 2022).
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import torch
from torch import Tensor, nn

from core.checks import require
from core.layers.convolution import Block, chain
from core.layers.entry import of_joined, of_upsampled
from core.layers.upsampling import Upsample, Upsampling
from core.networks.encoder import Encoder

Skip = Callable[[int], nn.Module]
"""Makes, from a level's channels, what a skip's features (fine, deep) -> fine pass on their way."""


class UNet(nn.Module):
    """Encoder and decoder joined by skips; 9,421,569 or 491,879 parameters as in the paper.

    The paper's two published counts (9.4M and 491K, ratio 19.15) come out together with the
    default arguments: two units a level, and in the decoder nearest-neighbour upsampling followed
    by two units, then the skip joined, then two more.

    Weights and features are kept in channels_last, which is faster on CPUs and on tensor cores.

    Args:
        block: Makes each unit from its channels (in, out): `ConvNormAct`, `ScaleAttentionalConv`...
        in_channels: Channels of the image.
        out_channels: Maps of logits: 1 for one structure, 1 + structures for several (the first is
            the background).
        widths: Channels of each level from the finest to the bottleneck; each level halves the
            size.
        convs: Units a level of the encoder, in the bottleneck, and behind each join.
        up_convs: Units between upsampling and join.
        upsampling: "nearest", "bilinear" or "transposed".
        skip: Makes what the skip's features pass before the join; None joins them as they are.

    Raises:
        InputError: If there are fewer than two levels, or fewer than one unit a level.
    """

    def __init__(
        self,
        *,
        block: Block,
        in_channels: int = 1,
        out_channels: int = 1,
        widths: tuple[int, ...] = (32, 64, 128, 256, 512),
        convs: int = 2,
        up_convs: int = 2,
        upsampling: Upsampling = "nearest",
        skip: Skip | None = None,
    ) -> None:
        super().__init__()
        require(convs >= 1, "convs", "at least 1", convs)
        self.encoder = Encoder(
            (chain(block, *sides, convs) for sides in pairwise((in_channels, *widths))),
            in_channels=in_channels,
        )
        self.decoder = nn.ModuleList(
            UpLevel(*sides, block, convs=convs, up_convs=up_convs, upsampling=upsampling, skip=skip)
            for sides in pairwise(reversed(widths))
        )
        self.head = nn.Conv2d(widths[0], out_channels, 1)
        self.to(memory_format=torch.channels_last)

    def forward(self, image: Tensor) -> Tensor:
        """Return mask logits (B,out_channels,h,w) of images (B,in_channels,h,w) in 0..1.

        Raises:
            InputError: If height or width cannot be halved as often as there are levels.
        """
        *skips, x = self.encoder(image)
        for level in self.decoder:
            x = level(x, skips.pop())
        logits: Tensor = self.head(x)
        return logits


class UpLevel(nn.Module):
    """One step up: doubles the size, joins the features of that size and blends all.

    Args:
        deep: Channels of the deep features.
        width: Channels of each of the fine features, and of the output.
        block: Makes each unit.
        convs: Units behind the join.
        up_convs: Units between upsampling and join.
        upsampling: How the size is doubled.
        skip: Makes what fine features pass before the join.
        joined: Number of fine features.

    Raises:
        InputError: If a number of units is negative, or `skip` gets deep features that are wider
            than the fine.
    """

    def __init__(
        self,
        deep: int,
        width: int,
        block: Block,
        *,
        convs: int,
        up_convs: int,
        upsampling: Upsampling,
        skip: Skip | None = None,
        joined: int = 1,
    ) -> None:
        super().__init__()
        require(up_convs >= 0, "up_convs", "0 or more", up_convs)
        self.upsample = Upsample(deep, width, upsampling)
        self.rise = chain(block, self.upsample.out_channels, width, up_convs)
        risen = width if up_convs else self.upsample.out_channels
        fits = skip is None or risen == width
        require(fits, "up_convs", "at least 1 with this skip, or transposed upsampling", up_convs)
        self.skip = skip(width) if skip else None
        self.blend = chain(block, risen + joined * width, width, convs)

    def forward(self, deep: Tensor, *fine: Tensor) -> Tensor:
        """Return (B,width,2h,2w) for deep (B,deep,h,w) and each fine (B,width,2h,2w)."""
        risen = of_upsampled(self.rise, self.upsample, deep)
        if self.skip is not None:
            fine = tuple(self.skip(features, risen) for features in fine)
        return of_joined(self.blend, [risen, *fine])
