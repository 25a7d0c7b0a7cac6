"""The hand that holds the probe: smooth shifts, tilts and pressure along a sweep."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.phantoms.bmode import Floats

MOST_SHIFT_MM = 2.1  # sideways, to either side


@dataclass(frozen=True)
class Motion:
    """Where tissue lies in the image, as a smooth function of the place on the sweep.

    Args:
        phases: Five angles in radians that make one hand differ from another.
        mirrored: Whether the other side of the body is scanned.
    """

    phases: tuple[float, ...]
    mirrored: bool

    def shift_mm(self, sweep_mm: float) -> float:
        """How far to the right the tissue has moved in the image, at most MOST_SHIFT_MM."""
        return 1.6 * self._swing(0, sweep_mm, 12) + 0.5 * self._swing(1, sweep_mm, 4)

    def place(
        self, sweep_mm: float, size: tuple[int, int], spacing_mm: float
    ) -> Callable[[Floats], Floats]:
        """Return the map from points in mm, (n, 2), to (column, row) in pixels at one place."""
        side = -1 if self.mirrored else 1
        shift, pressure = self.shift_mm(sweep_mm), 1 + 0.03 * self._swing(2, sweep_mm, 9)
        tilt = 0.04 * self._swing(3, sweep_mm, 15)
        crest, middle = self.phases[4] + 0.2 * sweep_mm, size[1] / 2

        def to_pixels(points: Floats) -> Floats:
            x, y = points[:, 0], points[:, 1]
            bulge = np.float32(0.3) * np.sin(np.float32(2 * math.pi / 20) * x + np.float32(crest))
            pixels = np.empty((len(points), 2), np.float32, order="F")
            pixels[:, 0] = (side * x + shift) / spacing_mm + middle
            pixels[:, 1] = (y * pressure + np.minimum(y / 8, 1) * (tilt * x + bulge)) / spacing_mm
            return pixels

        return to_pixels

    def _swing(self, phase: int, sweep_mm: float, period_mm: float) -> float:
        return math.sin(2 * math.pi * sweep_mm / period_mm + self.phases[phase])
