"""Augmentation whose draws are a function of given numbers alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

Array = np.ndarray[Any, Any]

if TYPE_CHECKING:
    import albumentations


class Augmentation:
    """Albumentations transforms that are drawn anew for each sample, from numbers that name it.

    The same numbers give the same draw: in any worker, on any rank, and after a resume.

    Args:
        transforms: What to apply, one after the other; none leaves samples as they are.
        seed: Seeds the draws.
    """

    def __init__(
        self, transforms: Sequence[albumentations.BasicTransform] = (), *, seed: int = 0
    ) -> None:
        self.seed, self._compose = seed, _compose(transforms)

    def __call__(self, arrays: dict[str, Array], *numbers: int) -> dict[str, Array]:
        """Return `image` (H, W) or (H, W, 3) uint8 and, if there is one, `mask`, moved together."""
        if self._compose is None:
            return arrays
        words = np.random.SeedSequence([self.seed, *numbers]).generate_state(1)
        self._compose.set_random_seed(int(words[0]))
        augmented: dict[str, Array] = self._compose(**arrays)
        return augmented


def _compose(transforms: Sequence[albumentations.BasicTransform]) -> Any:
    if not transforms:
        return None
    import albumentations

    return albumentations.Compose(list(transforms))
