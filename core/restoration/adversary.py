"""The skeleton of adversarial restoration: who is shown what, and what each side minimises."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from core.losses.gan import GanLoss
from core.restoration.image_pool import ImagePool

Restore = Callable[[Tensor], Tensor]
"""The generator: corrupted images (B,1,h,w) in, restored ones out."""
Terms = dict[str, Tensor]
"""Weighted parts of a loss by name; their sum is what a player minimises."""


@dataclass(frozen=True, kw_only=True)
class Scene:
    """The images of one step, each (B,1,h,w), with the gradients of whoever made them.

    Attributes:
        corrupted: Real patches with structured noise, x.
        restored: What the generator makes of them, G(x).
        clean: Real patches without, z; not of the same places.
        synthetic: Clean patches made to look corrupted; None where nobody judges such.
    """

    corrupted: Tensor
    restored: Tensor
    clean: Tensor
    synthetic: Tensor | None


class Adversary(nn.Module, ABC):
    """Discriminators of one or both domains, and what else the generator's output has to satisfy.

    The clean domain's discriminator tells real clean patches from restored ones, the corrupted
    domain's real corrupted patches from synthetic ones. Subclasses say how synthetic patches are
    made, and what keeps the content of an image.

    Args:
        clean_discriminator: Judges the clean domain: images (B,1,h,w) in, logits out.
        corrupted_discriminator: Judges the corrupted domain; None plays without.
        gan: What both sides minimise.
        pool_size: Discriminators are shown fakes out of a pool of this many; 0 shows the latest.
    """

    def __init__(
        self,
        *,
        clean_discriminator: nn.Module,
        corrupted_discriminator: nn.Module | None,
        gan: GanLoss,
        pool_size: int = 0,
    ) -> None:
        super().__init__()
        judges = {"clean": clean_discriminator, "corrupted": corrupted_discriminator}
        self.discriminators = nn.ModuleDict({k: v for k, v in judges.items() if v is not None})
        self.gan = gan
        self.pools = {name: ImagePool(pool_size) for name in self.discriminators}

    @abstractmethod
    def synthesise(self, corrupted: Tensor, restored: Tensor, clean: Tensor) -> Tensor:
        """Return clean patches made to look corrupted, (B,1,h,w)."""

    @abstractmethod
    def content_terms(self, scene: Scene, restore: Restore) -> Terms:
        """Return what keeps an image's content, weighted."""

    def scene(self, corrupted: Tensor, restored: Tensor, clean: Tensor) -> Scene:
        """Return the images of a step; `restored` is the generator's answer to `corrupted`."""
        judged = "corrupted" in self.discriminators
        synthetic = self.synthesise(corrupted, restored, clean) if judged else None
        return Scene(corrupted=corrupted, restored=restored, clean=clean, synthetic=synthetic)

    def discriminator_terms(self, scene: Scene) -> Terms:
        """Return each discriminator's loss; no gradient reaches whoever made the images."""
        return {
            f"d_{name}": self.gan.discriminator(judge(real), judge(self.pools[name](fake.detach())))
            for name, judge, real, fake in self._judged(scene)
        }

    def generator_terms(self, scene: Scene, restore: Restore) -> Terms:
        """Return what the generator minimises; gradients pass through the discriminators."""
        fooling = {
            f"g_{name}": self.gan.generator(judge(fake))
            for name, judge, _, fake in self._judged(scene)
        }
        return fooling | self.content_terms(scene, restore)

    def generators(self) -> list[nn.Parameter]:
        """Return the parameters that learn with the generator, not against it."""
        against = {id(parameter) for parameter in self.discriminators.parameters()}
        return [p for p in self.parameters() if id(p) not in against]

    def compile(self, *args: Any, **kwargs: Any) -> None:
        """Compile each discriminator in place."""
        for judge in self.discriminators.values():
            judge.compile(*args, **kwargs)

    def rank_state(self) -> dict[str, Any]:
        """Return what this process alone holds beside weights: the pools."""
        return {name: pool.images for name, pool in self.pools.items()}

    def load_rank_state(self, state: dict[str, Any]) -> None:
        """Take back what `rank_state` gave."""
        for name, images in state.items():
            self.pools[name].images = images

    def _judged(self, scene: Scene) -> list[tuple[str, nn.Module, Tensor, Tensor]]:
        """Name, discriminator, real and fake images of each domain."""
        fakes = {"clean": scene.restored, "corrupted": scene.synthetic}
        reals = {"clean": scene.clean, "corrupted": scene.corrupted}
        return [
            (name, judge, reals[name], fake)
            for name, judge in self.discriminators.items()
            if (fake := fakes[name]) is not None
        ]


def total(terms: Terms) -> Tensor:
    """Return the sum of a player's terms."""
    return torch.stack(list(terms.values())).sum()
