"""Labels as humans draw them: contours that are a little off."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from core.phantoms.bmode import Floats


@dataclass(frozen=True, kw_only=True)
class Annotator:
    """How far a human's contours are off; all spreads are standard deviations.

    Args:
        size: Of the contour's size around the right one, as a share of it.
        dents: Of each of three slow waves along the contour, as a share of its size.
        shift_mm: Of the place, down and across.
    """

    size: float
    dents: float
    shift_mm: float

    def drawn(self, contour: Floats, rng: np.random.Generator) -> Floats:
        """Return a contour (n, 2) in mm as drawn by hand: off, too large or small, dented."""
        turn = np.linspace(0, 2 * math.pi, len(contour), endpoint=False)
        size = np.full(len(contour), 1 + rng.normal(0, self.size))
        for order in (2, 3, 4):
            size += rng.normal(0, self.dents) * np.sin(order * turn + rng.uniform(0, 2 * math.pi))
        middle = contour.mean(axis=0)
        outline = middle + (contour - middle) * size[:, None] + rng.normal(0, self.shift_mm, 2)
        return np.asarray(outline, np.float32)
