"""Hard activations with Gaussian noise at their input: h(x + noise * xi).

The three units of the nerve segmentation report (Section 4, Table 1), whose delta is `noise` here.
The noise acts in training mode only; with `noise=0` a unit is exactly its hard function and draws
no random number. Gradients are those of h at the perturbed input.

Random numbers come from torch's global generator of the input's device (see `core.layers.draws`).

Under bfloat16 autocast the sum is rounded to 8 bits: noise far below 1/256 of the input is lost.

References:
    Gulcehre et al., Noisy Activation Functions, ICML 2016, arXiv:1603.00391, noise at the input.
    Nair and Hinton, Rectified Linear Units Improve Restricted Boltzmann Machines, ICML 2010.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.checks import require
from core.layers.draws import normal_like


class _NoisyUnit(nn.Module):
    """Base of the units: perturbs in training mode, then applies the hard function.

    Args:
        noise: Standard deviation of the noise at the input, >= 0, in units of the input.

    Raises:
        InputError: If the noise is negative.
    """

    def __init__(self, *, noise: float = 0.05) -> None:
        super().__init__()
        require(noise >= 0, "noise", "a standard deviation >= 0", noise)
        self.noise = noise

    def forward(self, x: Tensor) -> Tensor:
        """Return the activated tensor, in shape and dtype of the input."""
        if self.training and self.noise > 0:
            x = torch.add(x, normal_like(x), alpha=self.noise)
        return self.hard(x)

    def hard(self, x: Tensor) -> Tensor:
        """Return the hard function of the perturbed input."""
        raise NotImplementedError

    def extra_repr(self) -> str:
        """Show the noise in the printed network."""
        return f"noise={self.noise}"


class NoisyReLU(_NoisyUnit):
    """max(x + noise * xi, 0), the report's NReLU."""

    def hard(self, x: Tensor) -> Tensor:
        """Return max(x, 0)."""
        return functional.relu(x)


class NoisyHardTanh(_NoisyUnit):
    """clip(x + noise * xi, -1, 1), the report's NHTanh."""

    def hard(self, x: Tensor) -> Tensor:
        """Return clip(x, -1, 1)."""
        return functional.hardtanh(x)


class NoisyHardSigmoid(_NoisyUnit):
    """clip((x + noise * xi) / 4 + 1/2, 0, 1), the report's NHSigmoid.

    The slope is 1/4, the sigmoid's own at 0; `torch.nn.Hardsigmoid` has 1/6.
    """

    def hard(self, x: Tensor) -> Tensor:
        """Return clip(x / 4 + 1/2, 0, 1)."""
        return functional.hardtanh(x.mul(0.25).add_(0.5), 0.0, 1.0)
