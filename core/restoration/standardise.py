"""Standardised input: images less their mean, over their standard deviation, and back."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from core.checks import require


class Standardise(nn.Module):
    """Shifts and scales each channel; without arguments images stay as they are.

    Args:
        mean: Of each channel, or one for all, of images in 0..1.
        std: Standard deviation alike.

    Raises:
        InputError: If a standard deviation is not positive, or there are not as many as means.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, *, mean: Sequence[float] = (0.0,), std: Sequence[float] = (1.0,)) -> None:
        super().__init__()
        require(len(mean) == len(std), "std", f"{len(mean)} numbers, as many as means", std)
        require(min(std, default=0) > 0, "std", "positive numbers", std)
        for name, values in (("mean", mean), ("std", std)):
            self.register_buffer(name, torch.tensor(values).view(-1, 1, 1), persistent=False)

    def forward(self, image: Tensor) -> Tensor:
        """Return images (B, C, h, w) in 0..1 standardised."""
        return (image - self.mean) / self.std

    def undone(self, standardised: Tensor) -> Tensor:
        """Return standardised images in 0..1 again."""
        return standardised * self.std + self.mean
