"""CycleGAN's adversary: a second generator that corrupts, and images that come back."""

from __future__ import annotations

from torch import Tensor, nn

from core.checks import require
from core.losses.gan import GanLoss
from core.restoration.adversary import Adversary, Restore, Scene, Terms


class CycleAdversary(Adversary):
    """Both directions of CycleGAN, as SynSeg-Net trains them beside a segmenter.

    Args:
        back: The generator of the way back: clean images (B,1,h,w) in, corrupted ones out.
        clean_discriminator: Tells clean patches from restored ones.
        corrupted_discriminator: Tells corrupted patches from those that `back` makes.
        gan: What both sides minimise; `LeastSquares` in both papers.
        cycle: Weight of the mean absolute difference of an image to itself after both generators,
            for each domain.
        pool_size: Discriminators are shown fakes out of a pool of this many.

    Raises:
        InputError: If a weight is negative.

    References:
        Zhu et al., CycleGAN, ICCV 2017; Huo et al., SynSeg-Net, IEEE TMI 38(4), 2019 (cycle
        weight 10, no identity loss, 50 images in the pool).
    """

    def __init__(
        self,
        *,
        back: nn.Module,
        clean_discriminator: nn.Module,
        corrupted_discriminator: nn.Module,
        gan: GanLoss,
        cycle: float = 10.0,
        pool_size: int = 50,
    ) -> None:
        require(cycle >= 0, "cycle", "0 or more", cycle)
        super().__init__(
            clean_discriminator=clean_discriminator,
            corrupted_discriminator=corrupted_discriminator,
            gan=gan,
            pool_size=pool_size,
        )
        self.back, self.cycle = back, cycle

    def synthesise(self, corrupted: Tensor, restored: Tensor, clean: Tensor) -> Tensor:
        """Return what the way back makes of clean patches."""
        synthetic: Tensor = self.back(clean)
        return synthetic

    def content_terms(self, scene: Scene, restore: Restore) -> Terms:
        """Return the cycle loss of each domain."""
        ways = {
            "corrupted": (self.back(scene.restored), scene.corrupted),
            "clean": (restore(_known(scene.synthetic)), scene.clean),
        }
        return {
            f"cycle_{name}": self.cycle * (came_back - image).float().abs().mean()
            for name, (came_back, image) in ways.items()
        }


def _known(synthetic: Tensor | None) -> Tensor:
    assert synthetic is not None  # a cycle always has both discriminators
    return synthetic
