"""Autoencoding: what an appearance transfer learns before it can transfer anything."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn
from torch.nn import functional

from core.checks import require


class Autoencoding(nn.Module):
    """Trains `network.denoiser` to reproduce images, and shows it what clean patches look like.

    For `core.networks.WaveletTransfer`, whose decoder must invert its encoder.
    """

    def forward(self, network: Any, batch: dict[str, Any]) -> Tensor:
        """Return the mean squared error of the reproduced images, a scalar.

        Args:
            network: Its `denoiser` has `reconstruct` and `learn_style`, both for (B,1,h,w).
            batch: `image` and `clean`, each (B,1,h,w) in 0..1.

        Raises:
            InputError: If there are no clean patches.
        """
        require("clean" in batch, "data", "clean patches too (PatchData, unpaired: true)", "none")
        network.denoiser.learn_style(batch["clean"])
        return functional.mse_loss(network.denoiser.reconstruct(batch["image"]), batch["image"])
