"""Inception block with split kernels, and the scaled residual of its skip connections.

The building blocks of the inception U-Net for nerves, after the public code that the nerve report
starts from and Szegedy et al., Rethinking the Inception Architecture, CVPR 2016.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.checks import require
from core.layers.activations import fresh_activation
from core.layers.convolution import same_conv
from core.layers.upsampling import upsample2


class InceptionBlock(nn.Module):
    """Four parallel views of a feature map, concatenated, normalised and activated.

    With d = `out_channels` the views are: a 1x1 convolution (d/4 channels); a 3x3 split into 1x3
    and 3x1 (d/2), behind a 1x1 squeeze to 3d/8; a 5x5 split likewise (d/8), behind a squeeze to
    d/16; the 3x3 maximum followed by a 1x1 (d/8). The three 1x1 convolutions that see the input
    itself are one (`entry`) whose output is divided.

    Args:
        in_channels: Channels of the input (B,C,H,W).
        out_channels: Channels d of the output (B,d,H,W), a multiple of 16.
        act: Prototype of the five activations in the block.

    Raises:
        InputError: If `out_channels` is not a multiple of 16.
    """

    def __init__(self, in_channels: int, out_channels: int, *, act: nn.Module) -> None:
        super().__init__()
        d = out_channels
        require(d > 0 and d % 16 == 0, "out_channels", "a multiple of 16", d)
        self.entry_channels = [d // 4, 3 * d // 8, d // 16]
        _, squeezed3, squeezed5 = self.entry_channels
        self.entry = same_conv(in_channels, sum(self.entry_channels))
        self.cross3 = _cross(squeezed3, d // 2, 3, act)
        self.cross5 = _cross(squeezed5, d // 8, 5, act)
        self.peak = same_conv(in_channels, d // 8)
        self.norm = nn.BatchNorm2d(d)
        self.act = fresh_activation(act, d)

    def forward(self, x: Tensor) -> Tensor:
        """Return the features (B,d,H,W) of the input (B,C,H,W)."""
        return self._join(self.entry(x), self.peak(functional.max_pool2d(x, 3, 1, 1)))

    def _join(self, entry: Tensor, peak: Tensor) -> Tensor:
        """Return the features from the output of the 1x1 convolutions at the input."""
        point, squeezed3, squeezed5 = torch.split(entry, self.entry_channels, dim=1)
        views = [point, self.cross3(squeezed3), self.cross5(squeezed5), peak]
        features: Tensor = self.act(self.norm(torch.cat(views, dim=1)))
        return features


class UpInceptionBlock(InceptionBlock):
    """Inception block of the joined map [upsample2(deep), fine], which is never built.

    Same parameters and, up to rounding, same numbers as an `InceptionBlock` of the joined map, in
    half the time: a 1x1 convolution is a sum over its input's channels and does not look at
    neighbours, so that the deep share is computed before upsampling, on a quarter of the pixels.
    So is its maximum: the 3x3 window of an upsampled pixel covers 2x2 pixels of the deep map.

    Args:
        deep_channels: Channels of the deep map (B,C,h,w).
        fine_channels: Channels of the fine map (B,c,2h,2w).
        out_channels: Channels d of the output (B,d,2h,2w), a multiple of 16.
        act: Prototype of the five activations in the block.
    """

    def __init__(
        self, *, deep_channels: int, fine_channels: int, out_channels: int, act: nn.Module
    ) -> None:
        super().__init__(
            in_channels=deep_channels + fine_channels, out_channels=out_channels, act=act
        )
        self.deep_channels = deep_channels

    def forward(self, deep: Tensor, fine: Tensor) -> Tensor:  # type: ignore[override]
        """Return the features (B,d,2h,2w) of the deep (B,C,h,w) and the fine map (B,c,2h,2w)."""
        entry_deep, entry_fine = self._shares(self.entry, deep, fine)
        deep, fine = functional.max_pool2d(deep, 2, 1, 1), functional.max_pool2d(fine, 3, 1, 1)
        peak_deep, peak_fine = self._shares(self.peak, deep, fine)
        # The 2x2 maxima lie between the deep pixels, so that half a pixel sticks out at every side.
        return self._join(
            entry_fine + upsample2(entry_deep), peak_fine + upsample2(peak_deep)[..., 1:-1, 1:-1]
        )

    def _shares(self, conv: nn.Conv2d, deep: Tensor, fine: Tensor) -> tuple[Tensor, Tensor]:
        """Return what the deep and the fine channels add to a 1x1 convolution of both."""
        weights = conv.weight[:, : self.deep_channels], conv.weight[:, self.deep_channels :]
        return functional.conv2d(deep, weights[0]), functional.conv2d(fine, weights[1], conv.bias)


def _cross(squeezed: int, out_channels: int, size: int, act: nn.Module) -> nn.Sequential:
    """Return what follows a squeeze: look along the rows, then down the columns."""
    return nn.Sequential(
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
        scale: Weight of the residual; a small one keeps the sum stable (Szegedy et al.,
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
