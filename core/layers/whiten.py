"""Whitening by one mean and one standard deviation for all images."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from core.checks import require


class Whiten(nn.Module):
    """Returns (x - mean) / std; leaves x as it is until `set` says otherwise.

    Attributes:
        mean: Scalar buffer, saved with the weights.
        std: Scalar buffer, saved with the weights.
    """

    mean: Tensor
    std: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(0.0))
        self.register_buffer("std", torch.tensor(1.0))

    def set(self, mean: float, std: float) -> None:
        """Take the mean and the standard deviation of all pixels of the training images.

        Raises:
            InputError: If one is not finite or std is not above 0.
        """
        require(math.isfinite(mean), "mean", "a finite number", mean)
        require(0 < std < math.inf, "std", "a finite number above 0", std)
        self.mean.fill_(mean)
        self.std.fill_(std)

    def forward(self, x: Tensor) -> Tensor:
        """Return the whitened tensor, of the same shape."""
        return (x - self.mean) / self.std
