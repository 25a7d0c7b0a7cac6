"""The fan of beams: where its samples lie, and how they become an image."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from core.phantoms.bmode import Bytes, Floats
from core.phantoms.heart.machines import HeartMachine
from core.phantoms.heart.views import Plane

_LEAST_BEAMS = 88


class Sector:
    """The beams of a machine at one scale of its screen.

    Args:
        machine: The machine.
        scale: Of its screen's sides.

    Attributes:
        size: Rows and columns of the screen.
        grid: Samples along a beam, and beams.
        coarse: The same for anatomy, which is smooth.
    """

    def __init__(self, machine: HeartMachine, scale: float) -> None:
        rows, columns = (round(side * scale) for side in machine.size)
        self.size = rows, columns
        self.grid = (
            round(machine.radius * scale),
            max(_LEAST_BEAMS, round(machine.beams * scale**0.6)),
        )
        self.coarse = min(self.grid[0], 80 + self.grid[0] // 8), 48 + self.grid[1] // 4
        self.half = float(np.deg2rad(machine.half_deg))
        self._maps = self._conversion(machine, scale)

    def points(self, plane: Plane) -> Floats:
        """Places of the coarse samples on a plane, float32 (3, samples x beams) mm."""
        samples, beams = self.coarse
        angle = self.angles(beams)
        reach = (np.arange(samples) + 0.5) / samples * plane.depth_mm
        way = np.cos(angle) * plane.down[:, None] + np.sin(angle) * plane.right[:, None]
        places = plane.probe[:, None, None] + reach[:, None] * way[:, None, :]
        return np.asarray(places.reshape(3, -1), np.float32)

    def angles(self, beams: int) -> Floats:
        """Angles of the beams, radians to the right, (beams,)."""
        return np.asarray(((np.arange(beams) + 0.5) / beams * 2 - 1) * self.half, np.float32)

    def screen(self, beams: Bytes) -> Bytes:
        """Turn samples along beams, uint8 `grid`, into an image, uint8 `size`, black outside."""
        return np.asarray(cv2.remap(beams, *self._maps, cv2.INTER_LINEAR))

    def _conversion(self, machine: HeartMachine, scale: float) -> tuple[Floats, Floats]:
        """Beam and sample at each pixel of the screen."""
        rows, columns = self.size
        x = (np.arange(columns) + 0.5) / scale - machine.apex[0]
        y = ((np.arange(rows) + 0.5) / scale - machine.apex[1])[:, None]
        samples, beams = self.grid
        beam = (np.arctan2(x, y) / self.half + 1) / 2 * beams - 0.5
        sample = np.hypot(x, y) / machine.radius * samples - 0.5
        return beam.astype(np.float32), sample.astype(np.float32)


@lru_cache(maxsize=8)
def sector_of(machine: HeartMachine, scale: float) -> Sector:
    """Return the beams of a machine at a scale, worked out once."""
    return Sector(machine, scale)
