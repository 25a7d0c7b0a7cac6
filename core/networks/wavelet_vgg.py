"""VGG19 whose poolings are Haar wavelets, and the decoder that mirrors it: the two halves of WCT2.

Yoo et al., Photorealistic Style Transfer via Wavelet Transforms, ICCV 2019, Section 3 and Figure 3,
option "cat5" of its public code.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from core.layers.convolution import chain
from core.layers.haar import HaarPool, HaarUnpool
from core.layers.initialisation import he_normal, linear_normal

Visit = Callable[[str, Tensor], Tensor]
"""Is told a place and its features (B,C,h,w), and gives the features to go on with."""

Skip = tuple[Tensor, Tensor]
"""Of a level: its bands LH, HL and HH side by side (B,3C,h,w), and its features (B,C,2h,2w)."""


def conv3x3(in_channels: int, out_channels: int) -> nn.Conv2d:
    """Return a 3x3 convolution that keeps the size, the image mirrored at its borders."""
    return nn.Conv2d(in_channels, out_channels, 3, padding=1, padding_mode="reflect")


def conv_relu(in_channels: int, out_channels: int) -> nn.Sequential:
    """Return a unit of VGG: a 3x3 convolution, he-normal, and its ReLU."""
    return nn.Sequential(he_normal(conv3x3(in_channels, out_channels)), nn.ReLU())


class WaveletEncoder(nn.Module):
    """VGG from a grey image to the first unit of its last level, with Haar pooling.

    LL goes on, the other bands and the features before each pooling wait for the decoder. Its
    convolutions come in the order of VGG's.

    Args:
        widths: Channels of each level, the finest first.
        depths: Units of each level but the last, which has one.
    """

    def __init__(self, widths: Sequence[int], depths: Sequence[int]) -> None:
        super().__init__()
        self.entry = conv_relu(1, widths[0])
        self.steps = nn.ModuleList(
            _DownStep(*sides, units=depth - 1)
            for sides, depth in zip(pairwise(widths), depths, strict=True)
        )

    def forward(self, image: Tensor, visit: Visit) -> tuple[Tensor, list[Skip]]:
        """Return the deepest features, and what each level kept, the finest first.

        Args:
            image: (B,1,h,w) in 0..1.
            visit: Sees "encoder1" (relu1_1), "skip1" (level 1's bands), "encoder2" (relu2_1)...
        """
        x, skips = visit("encoder1", self.entry(image)), []
        for level, step in enumerate(self.steps, 1):
            x, details, fine = step(x)
            skips.append((visit(f"skip{level}", details), fine))
            x = visit(f"encoder{level + 1}", x)
        return x, skips


class WaveletDecoder(nn.Module):
    """The encoder backwards: from its features to a grey image, linear and so not bounded.

    Args:
        widths: Channels of each level, the finest first.
        depths: Units of each level but the last.
    """

    def __init__(self, widths: Sequence[int], depths: Sequence[int]) -> None:
        super().__init__()
        sides = zip(pairwise(widths), depths, strict=True)
        steps = [_UpStep(deep, fine, units=depth - 1) for (fine, deep), depth in sides]
        self.steps = nn.ModuleList(reversed(steps))
        self.exit = linear_normal(conv3x3(widths[0], 1))

    def forward(self, x: Tensor, skips: Sequence[Skip], visit: Visit) -> Tensor:
        """Return the image (B,1,h,w).

        Args:
            x: The encoder's deepest features.
            skips: What the encoder kept.
            visit: Sees what enters each level: "decoder4" (the encoder's features) to "decoder1".
        """
        levels = range(len(skips), 0, -1)
        for level, step, skip in zip(levels, self.steps, reversed(skips), strict=True):
            x = step(visit(f"decoder{level + 1}", x), *skip)
        image: Tensor = self.exit(visit("decoder1", x))
        return image


class _DownStep(nn.Module):
    """The other units of a level, Haar pooling, and the first unit of the next level on LL."""

    def __init__(self, fine: int, deep: int, units: int) -> None:
        super().__init__()
        self.refine = chain(conv_relu, fine, fine, units)
        self.pool = HaarPool()
        self.widen = conv_relu(fine, deep)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return deep features (B,D,h,w), bands (B,3C,h,w) and features (B,C,2h,2w) of the last."""
        fine = self.refine(x)
        ll, *details = self.pool(fine)
        return self.widen(ll), torch.cat(details, dim=1), fine


class _UpStep(nn.Module):
    """Back to the level above: its channels, its size, and what the encoder had seen there."""

    def __init__(self, deep: int, fine: int, units: int) -> None:
        super().__init__()
        self.narrow = conv_relu(deep, fine)
        self.unpool = HaarUnpool()
        self.blend = chain(conv_relu, 5 * fine, fine, units)

    def forward(self, x: Tensor, details: Tensor, fine: Tensor) -> Tensor:
        """Return (B,C,2h,2w) of x (B,D,h,w), details (B,3C,h,w) and fine (B,C,2h,2w)."""
        shares = self.unpool.upsampled(self.narrow(x), *details.chunk(3, dim=1))
        blended: Tensor = self.blend(torch.cat([shares, fine], dim=1))
        return blended
