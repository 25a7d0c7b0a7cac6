"""Spatial attention: each pixel weighed by what its channels show on average and at most."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core.checks import require
from core.layers.convolution import same_conv
from core.layers.initialisation import linear_normal


class SpatialAttention(nn.Module):
    """v + v * H, with a heatmap H in 0..1 for each pixel: DA-GAN's spatial attention unit.

    Mean and maximum over the channels are two maps; 1x1 convolutions with a non-linearity between
    them and a sigmoid at the end make H of the two. The residual keeps every pixel: v is scaled by
    1 to 2. The paper states the kernels, 1x1 without padding, but neither how many there are nor
    their width: here two, the fewest that are non-linear.

    Its first weights are drawn beside torch's stream of random numbers: with the same seed all
    other weights of a network start alike with and without attention, so that an ablation compares
    nothing else.

    Args:
        hidden: Maps between the two convolutions.

    Raises:
        InputError: If there are no hidden maps.

    References:
        Huang et al., DA-GAN, ISBI 2021, Section 2.2.
    """

    def __init__(self, *, hidden: int = 8) -> None:
        super().__init__()
        require(hidden >= 1, "hidden", "at least 1", hidden)
        with torch.random.fork_rng(devices=[]):
            last = linear_normal(nn.Conv2d(hidden, 1, 1))
            self.compress = nn.Sequential(same_conv(2, hidden), nn.ReLU(), last, nn.Sigmoid())

    def heatmap(self, v: Tensor) -> Tensor:
        """Return the heatmap H (B,1,H,W) in 0..1 of features v (B,C,H,W)."""
        pooled = torch.cat([v.mean(1, keepdim=True), v.amax(1, keepdim=True)], dim=1)
        heatmap: Tensor = self.compress(pooled)
        return heatmap

    def forward(self, v: Tensor) -> Tensor:
        """Return the weighed features (B,C,H,W)."""
        return v * (1 + self.heatmap(v))  # one pass over the features less than v + v * H
