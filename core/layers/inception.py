"""Inception block with split kernels, and the scaled residual of its skip connections.

The building blocks of the inception U-Net for nerves (the code that the nerve report starts from;
design after Szegedy et al., Rethinking the Inception Architecture, CVPR 2016).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core.checks import require
from core.layers.activations import fresh_activation
from core.layers.initialisation import he_normal


def same_conv(
    in_channels: int, out_channels: int, kernel: tuple[int, int] = (1, 1), stride: int = 1
) -> nn.Conv2d:
    """Return an he-normal convolution of odd kernel that keeps the size, or divides it by stride."""
    padding = (kernel[0] // 2, kernel[1] // 2)
    return he_normal(nn.Conv2d(in_channels, out_channels, kernel, stride, padding))


class InceptionBlock(nn.Module):
    """Four parallel views of a feature map, concatenated, normalised and activated.

    With d = `out_channels`: a 1x1 convolution (d/4); 3x3 split into 1x3 and 3x1 (d/2); 5x5 split into
    1x5 and 5x1 (d/8); a 3x3 maximum followed by 1x1 (d/8).

    Args:
        in_channels: Channels of the input (B,C,H,W).
        out_channels: Channels d of the output (B,d,H,W), a multiple of 16.
        act: Prototype of the five activations in the block.

    Raises:
        InputError: If `out_channels` is not a multiple of 16.
    """

    def __init__(self, *, in_channels: int, out_channels: int, act: nn.Module) -> None:
        super().__init__()
        d = out_channels
        require(d > 0 and d % 16 == 0, "out_channels", "a multiple of 16", d)
        self.point = same_conv(in_channels, d // 4)
        self.cross3 = _cross(in_channels, 3 * d // 8, d // 2, 3, act)
        self.cross5 = _cross(in_channels, d // 16, d // 8, 5, act)
        self.peak = nn.Sequential(nn.MaxPool2d(3, 1, 1), same_conv(in_channels, d // 8))
        self.norm = nn.BatchNorm2d(d)
        self.act = fresh_activation(act, d)

    def forward(self, x: Tensor) -> Tensor:
        """Return the features (B,d,H,W) of the input (B,C,H,W)."""
        views = [self.point(x), self.cross3(x), self.cross5(x), self.peak(x)]
        features: Tensor = self.act(self.norm(torch.cat(views, dim=1)))
        return features


def _cross(
    in_channels: int, squeezed: int, out_channels: int, size: int, act: nn.Module
) -> nn.Sequential:
    """Return a branch that squeezes the channels, then looks along the rows and down the columns."""
    return nn.Sequential(
        same_conv(in_channels, squeezed),
        fresh_activation(act, squeezed),
        same_conv(squeezed, out_channels, (1, size)),
        nn.BatchNorm2d(out_channels),
        fresh_activation(act, out_channels),
        same_conv(out_channels, out_channels, (size, 1)),
    )


class ScaledResidual(nn.Module):
    """x + scale * norm(conv1x1(x)), activated: what a skip connection does to its features.

    Args:
        channels: Channels of input and output.
        act: Prototype of the activation.
        scale: Weight of the residual; small ones keep the sum stable (Szegedy et al.,
            Inception-v4, AAAI 2017, Section 3.3).
    """

    def __init__(self, *, channels: int, act: nn.Module, scale: float = 0.1) -> None:
        super().__init__()
        self.residual = nn.Sequential(same_conv(channels, channels), nn.BatchNorm2d(channels))
        self.act = fresh_activation(act, channels)
        self.scale = scale

    def forward(self, x: Tensor) -> Tensor:
        """Return the features (B,C,H,W) that the decoder sees."""
        activated: Tensor = self.act(torch.add(x, self.residual(x), alpha=self.scale))
        return activated
