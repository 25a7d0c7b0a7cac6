"""The way down that the U-Nets share: features at ever coarser levels."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.checks import require
from core.networks.sizes import require_batch


class Encoder(nn.Module):
    """Levels of features, each of which sees the one before at half its size.

    Features come in channels_last, which is faster on CPUs and on tensor cores.

    Args:
        levels: What makes each level's features, from the image's size to the bottleneck's; keeps
            height and width.
        in_channels: Channels of the image.

    Attributes:
        step: Pixels of the image that one of the bottleneck stands for, along each side.

    Raises:
        InputError: If there are fewer than two levels.
    """

    def __init__(self, levels: Iterable[nn.Module], *, in_channels: int) -> None:
        super().__init__()
        self.levels = nn.ModuleList(levels)
        require(len(self.levels) > 1, "widths", "at least two levels", len(self.levels))
        self.in_channels, self.step = in_channels, 2 ** (len(self.levels) - 1)

    def forward(self, image: Tensor) -> list[Tensor]:
        """Return the features of each level, the finest first, of images (B,in_channels,h,w).

        Raises:
            InputError: If height or width cannot be halved as often as there are levels.
        """
        require_batch(image, self.in_channels, self.step)
        # A copy, since torch takes a one-channel image to be in either layout already.
        x = image.clone(memory_format=torch.channels_last)
        features: list[Tensor] = []
        for level in self.levels:
            x = level(functional.max_pool2d(x, 2) if features else x)
            features.append(x)
        return features
