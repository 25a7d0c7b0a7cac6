"""Attention gate: deep features say at which places the fine features matter."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core.layers.convolution import same_conv


class AttentionGate(nn.Module):
    """fine * weight, with weight = sigmoid(psi(relu(W_fine(fine) + W_deep(deep)))) for each pixel.

    The paper's additive gate (Eq. 1 and 2), with W and psi 1x1 convolutions followed by batch
    normalisation. In the paper deep features come at half the size, and the weights are
    upsampled; here they are upsampled before, as in the widely used PyTorch version.

    Args:
        channels: Channels of the fine and of the deep features.
        inner: Channels in which both are compared; None is half of `channels`, at least 1.

    References:
        Oktay et al., Attention U-Net: Learning Where to Look for the Pancreas, MIDL 2018.
    """

    def __init__(self, channels: int, *, inner: int | None = None) -> None:
        super().__init__()
        inner = inner or max(channels // 2, 1)
        self.fine = nn.Sequential(same_conv(channels, inner), nn.BatchNorm2d(inner))
        self.deep = nn.Sequential(same_conv(channels, inner), nn.BatchNorm2d(inner))
        self.psi = nn.Sequential(same_conv(inner, 1), nn.BatchNorm2d(1))

    def weights(self, fine: Tensor, deep: Tensor) -> Tensor:
        """Return the weight of each pixel, (B,1,H,W) in 0..1, of features (B,channels,H,W)."""
        weights: Tensor = self.psi(torch.relu(self.fine(fine) + self.deep(deep))).sigmoid()
        return weights

    def forward(self, fine: Tensor, deep: Tensor) -> Tensor:
        """Return the weighed fine features (B,channels,H,W)."""
        return fine * self.weights(fine, deep)
