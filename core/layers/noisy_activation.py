"""The full noisy activation: leaks and learns how much noise to add where the unit saturates."""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.checks import require
from core.layers.draws import normal_like

MEAN_OF_HALF_NORMAL = math.sqrt(2 / math.pi)


class NoisyActivation(nn.Module):
    r"""Noisy tanh or sigmoid with learned noise in the saturated region (Gulcehre et al., Eq. 2).

    .. math::
        \phi(x, \xi) = \alpha h(x) + (1 - \alpha) u(x) + d(x) \sigma(x) \epsilon

    with u the linearised function (x for tanh, x/4 + 1/2 for sigmoid), h = clip(u) the hard one,
    v = h - u, :math:`\sigma(x) = c (\mathrm{sigmoid}(p v) - 1/2)^2` and
    :math:`d(x) = -\mathrm{sgn}(x) \mathrm{sgn}(1 - \alpha)`. Where the unit does not saturate, v
    and with it the noise are 0. Where it does, the hard function has no slope, but u and sigma pass
    the gradient on. p is learned, one value a channel, drawn from U(-1, 1) as in the authors' code;
    only its magnitude matters.

    The sign: d points back to h where the unit leaks outward (alpha < 1), and outward where it
    leaks inward (alpha > 1). Its sgn is that of x for both kinds, as in the authors' code: the
    sigmoid too is centred at x = 0, where u is 1/2. Wherever sigma is not 0 the unit saturates and
    v has the opposite sign of x, so that d is computed as sgn(v) sgn(1 - alpha). For normal noise
    the sign is immaterial.

    epsilon is xi ~ N(0, 1), or |xi| with `half_normal`; in evaluation mode its expectation, 0 or
    sqrt(2/pi), so that evaluation is deterministic. With alpha = 1, d = 0: the plain hard function.

    Random numbers come from torch's global generator of the input's device, as in `NoisyReLU`.

    Args:
        kind: "tanh" or "sigmoid".
        alpha: Weight of the hard function against the linear one; above 1 the slope in
            saturation is negative. The authors' code has 1.15 for tanh and 1.1 for sigmoid.
        c: Scale of the noise, >= 0; its standard deviation stays below c / 4. The authors' code has
            0.5 for tanh and 0.15 for sigmoid.
        half_normal: Take the magnitude of the noise, which gives it a mean. The authors' code does
            so for sigmoid only.
        channels: Number of channels, dimension 1 of the input; 1 shares p among all.

    Raises:
        InputError: If an argument is out of its range.

    References:
        Gulcehre et al., Noisy Activation Functions, ICML 2016, arXiv:1603.00391, Section 5.
    """

    def __init__(
        self,
        *,
        kind: Literal["tanh", "sigmoid"] = "tanh",
        alpha: float = 1.15,
        c: float = 0.5,
        half_normal: bool = False,
        channels: int = 1,
    ) -> None:
        super().__init__()
        require(kind in ("tanh", "sigmoid"), "kind", "'tanh' or 'sigmoid'", kind)
        require(c >= 0, "c", "a scale >= 0", c)
        require(channels >= 1, "channels", "at least 1", channels)
        self.kind: Literal["tanh", "sigmoid"] = kind
        self.alpha, self.c, self.half_normal = alpha, c, half_normal
        self.p = nn.Parameter(torch.empty(channels).uniform_(-1, 1))

    def for_channels(self, channels: int) -> NoisyActivation:
        """Return a fresh activation of the same settings with one p for each of these channels."""
        return NoisyActivation(
            kind=self.kind,
            alpha=self.alpha,
            c=self.c,
            half_normal=self.half_normal,
            channels=channels,
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return the activated tensor, in shape and dtype of the input (B,C) or (B,C,H,W)."""
        u, h = self._linear_and_hard(x)
        v = h - u
        leaky = torch.add(h, v, alpha=self.alpha - 1)
        if self.training:
            return torch.addcmul(leaky, self._shape_of_noise(v), self._scaled_noise(v))
        if self.half_normal:
            mean = self._noise_scale * MEAN_OF_HALF_NORMAL
            return torch.add(leaky, self._shape_of_noise(v), alpha=mean)
        return leaky

    def extra_repr(self) -> str:
        """Show the settings in the printed network."""
        return (
            f"kind={self.kind!r}, alpha={self.alpha}, c={self.c}, "
            f"half_normal={self.half_normal}, channels={self.p.numel()}"
        )

    def _linear_and_hard(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return the linearised unit u and the hard unit h = clip(u)."""
        if self.kind == "tanh":
            return x, functional.hardtanh(x)
        u = x.mul(0.25).add_(0.5)
        return u, functional.hardtanh(u, 0.0, 1.0)

    @property
    def _noise_scale(self) -> float:
        """sgn(1 - alpha) c / 4: what d(x) sigma(x) holds besides the input."""
        return ((self.alpha < 1) - (self.alpha > 1)) * self.c / 4

    def _shape_of_noise(self, v: Tensor) -> Tensor:
        """Return 4 sgn(v) (sigmoid(p v) - 1/2)^2 as t |t| with t = tanh(|p| v / 2)."""
        half_p = self.p.abs().to(v.dtype).div(2).view(-1, *(1,) * (v.dim() - 2))
        t = torch.tanh(v * half_p)
        return t * t.abs()

    def _scaled_noise(self, v: Tensor) -> Tensor:
        """Draw epsilon, times what sigma holds besides the input."""
        xi = normal_like(v)
        return (xi.abs_() if self.half_normal else xi).mul_(self._noise_scale)
