"""Adversarial losses: what discriminator and generator minimise, from the discriminator's logits.

Logits have any shape and floating dtype; > 0 means "looks real". Every loss is a mean over all of
them, a float32 scalar.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from torch import Tensor
from torch.nn.functional import softplus


class GanLoss(ABC):
    """Both sides of the game; D is the discriminator's answer to an image."""

    @abstractmethod
    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        """Return what the discriminator minimises, from its logits of real and of made images."""

    @abstractmethod
    def generator(self, fake: Tensor) -> Tensor:
        """Return what the generator minimises, from the discriminator's logits of its images."""


class BinaryCrossEntropy(GanLoss):
    """The original game: the discriminator maximises log D(real) + log(1 - D(fake)), D a sigmoid.

    Args:
        saturating: Whether the generator minimises log(1 - D(fake)), the letter of DA-GAN's Eq. 2;
            its gradient vanishes where the discriminator is sure. Without, it minimises
            -log D(fake), which has the same fixed point and a gradient just there.

    References:
        Goodfellow et al., Generative Adversarial Nets, NIPS 2014, Section 3; Huang et al., DA-GAN,
        ISBI 2021, Eq. 2.
    """

    def __init__(self, *, saturating: bool = False) -> None:
        self.saturating = saturating

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        """Return -(log D(real) + log(1 - D(fake))), >= 0; 2 log 2 where it cannot tell."""
        return softplus(-real.float()).mean() + softplus(fake.float()).mean()

    def generator(self, fake: Tensor) -> Tensor:
        """Return -log D(fake), >= 0; or log(1 - D(fake)), <= 0, if saturating."""
        if self.saturating:
            return -softplus(fake.float()).mean()
        return softplus(-fake.float()).mean()


class LeastSquares(GanLoss):
    """Real images shall give 1 and made ones 0, D being the logits themselves: CycleGAN's game.

    The discriminator's part is halved, as in CycleGAN, which slows it down.

    References:
        Mao et al., LSGAN, ICCV 2017; Zhu et al., CycleGAN, ICCV 2017, Section 4.
    """

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        """Return ((D(real) - 1)^2 + D(fake)^2) / 2, >= 0; 1/4 where it cannot tell."""
        return ((real.float() - 1).square().mean() + fake.float().square().mean()) / 2

    def generator(self, fake: Tensor) -> Tensor:
        """Return (D(fake) - 1)^2, >= 0."""
        return (fake.float() - 1).square().mean()
