"""Pyramid pooling: what the whole image and its quarters show, beside each pixel's own features."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.checks import require
from core.layers.convolution import ConvNormAct


class PyramidPooling(nn.Module):
    """Means over ever finer bins, joined with the features that they are means of.

    For each n in `bins`, the n x n means of the image's bins pass a 1x1 unit to an equal share of
    the channels and are upsampled bilinearly, corners not aligned, so that each mean stands in the
    middle of its bin. A 3x3 unit blends all with the features. Any size fits, also one smaller than
    a number of bins: bins then overlap.

    Args:
        channels: Channels of the features in and out.
        act: Prototype of the activation.
        bins: Number of bins along each side.

    Raises:
        InputError: If there are no bins or more than channels, or a number is less than 1; in
            training, if a batch is a single image: its one mean has no batch statistics.

    References:
        Zhao et al., Pyramid Scene Parsing Network, CVPR 2017, Section 3.2.
    """

    def __init__(
        self, channels: int, *, act: nn.Module, bins: Sequence[int] = (1, 2, 3, 6)
    ) -> None:
        super().__init__()
        bins_fit = 1 <= len(bins) <= channels and min(bins) >= 1
        require(bins_fit, "bins", f"1 to {channels} numbers of at least 1", bins)
        self.bins, share = tuple(bins), channels // len(bins)
        self.shares = nn.ModuleList(ConvNormAct(channels, share, act=act, kernel=1) for _ in bins)
        self.blend = ConvNormAct(channels + share * len(bins), channels, act=act)

    def forward(self, x: Tensor) -> Tensor:
        """Return the blended features (B,channels,H,W) of features (B,channels,H,W)."""
        enough = not self.training or len(x) > 1 or 1 not in self.bins
        require(enough, "batch", "at least 2 images to train pyramid pooling", len(x))
        context = (
            functional.interpolate(
                share(functional.adaptive_avg_pool2d(x, n)), size=x.shape[2:], mode="bilinear"
            )
            for share, n in zip(self.shares, self.bins, strict=True)
        )
        blended: Tensor = self.blend(torch.cat([x, *context], dim=1))
        return blended


class PyramidPoolingSkip(nn.Module):
    """A U-Net's skip that passes `PyramidPooling` where it is deep, and nothing elsewhere.

    The paper puts the modules into the deep skips; from which level on is our choice. The decoder's
    features are not looked at.

    Args:
        channels: Channels of the fine features.
        act: Prototype of the activation.
        bins: Number of bins along each side; PSPNet's by default.
        from_channels: A level is deep if it has at least as many channels; with widths 64 to 1024,
            256 means the two deepest of the four skips.

    Raises:
        InputError: As `PyramidPooling`.

    References:
        Shahin et al., Deep Convolutional Encoder-Decoders with Aggregated Multi-Resolution Skip
        Connections for Skin Lesion Segmentation, ISBI 2019.
    """

    def __init__(
        self,
        channels: int,
        *,
        act: nn.Module,
        bins: Sequence[int] = (1, 2, 3, 6),
        from_channels: int = 256,
    ) -> None:
        super().__init__()
        is_deep = channels >= from_channels
        self.pooling = PyramidPooling(channels, act=act, bins=bins) if is_deep else nn.Identity()

    def forward(self, fine: Tensor, deep: Tensor) -> Tensor:
        """Return the fine features (B,channels,H,W), joined with their context if deep."""
        pooled: Tensor = self.pooling(fine)
        return pooled
