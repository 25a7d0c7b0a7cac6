"""DA-GAN's dual adversarial learning: noise taken from one patch must corrupt another."""

from __future__ import annotations

from torch import Tensor, nn

from core.checks import require
from core.losses.gan import GanLoss
from core.restoration.adversary import Adversary, Restore, Scene, Terms


class DualAdversary(Adversary):
    """The adversarial and the reconstruction loss of DA-GAN.

    The generator takes the residual r = x - G(x) out of a corrupted patch; laid onto a clean patch
    z it must look corrupted as well, so every clean patch becomes a new example of noise.

    Args:
        clean_discriminator: Tells clean patches from restored ones.
        corrupted_discriminator: Tells corrupted patches from z + r; None plays without dual
            learning.
        gan: What both sides minimise; the paper's is `BinaryCrossEntropy`.
        reconstruction: Weight of ||x - G(x)||^2, summed over the pixels of a patch (values in 0..1)
            and averaged over the batch; lambda_2 = 0.01 in the paper.

    Raises:
        InputError: If the weight is negative.

    References:
        Huang et al., DA-GAN, ISBI 2021, Section 2.3, Eqs. 2 and 3.
    """

    def __init__(
        self,
        *,
        clean_discriminator: nn.Module,
        corrupted_discriminator: nn.Module | None,
        gan: GanLoss,
        reconstruction: float = 0.01,
    ) -> None:
        require(reconstruction >= 0, "reconstruction", "0 or more", reconstruction)
        super().__init__(
            clean_discriminator=clean_discriminator,
            corrupted_discriminator=corrupted_discriminator,
            gan=gan,
        )
        self.reconstruction = reconstruction

    def synthesise(self, corrupted: Tensor, restored: Tensor, clean: Tensor) -> Tensor:
        """Return z + r with r = x - G(x)."""
        return clean + (corrupted - restored)

    def content_terms(self, scene: Scene, restore: Restore) -> Terms:
        """Return the reconstruction loss (Eq. 3)."""
        squares = (scene.corrupted - scene.restored).float().square().sum((1, 2, 3))
        return {"reconstruction": self.reconstruction * squares.mean()}
