"""Random strokes of an anatomist's pen: outlines, wavy lines, fascia and muscle fibres."""

from __future__ import annotations

import math

import numpy as np

from core.phantoms.bmode import Floats, amplitude
from core.phantoms.sketch import STEP_MM, Reflector, Region, Sketch

STILL = np.zeros(2, np.float32)
Place = tuple[float, float]
ALWAYS: Place = (0.0, 1e6)  # met at any place of a sweep
DASH_DB = -27.0
ROUGH_MM = 0.07  # unevenness of a line from one mm to the next


class Pen:
    """Collects regions and reflectors; all lengths in mm, all levels in dB below white.

    Args:
        rng: Source of every random choice.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.regions: list[Region] = []
        self.reflectors: list[Reflector] = []

    def sketch(self) -> Sketch:
        """Everything drawn so far."""
        return Sketch(self.regions, self.reflectors)

    def drift(self, size: float = 0.06) -> Floats:
        """Draw the movement of a structure for each mm of sweep."""
        return self.rng.normal(0, size, 2).astype(np.float32)

    def fill(
        self, outline: Floats, level_db: float, drift: Floats = STILL, absorption: float = 0.0
    ) -> None:
        """Fill a closed outline with scatterers."""
        self.regions.append(Region(outline, level_db, drift, absorption))

    def line(
        self,
        corners: Floats,
        level_db: float,
        drift: Floats = STILL,
        *,
        broken: float = 0.6,
        steep: float = 5.0,
        met: Place = ALWAYS,
    ) -> None:
        """Draw a reflector through corners (n, 2): bright across the beam, faint at open ends.

        Args:
            corners: Joined by straight stretches.
            level_db: Typical echo of a horizontal stretch.
            drift: Movement along the sweep.
            broken: Spread (natural log) of the echo from one 2 mm stretch to the next.
            steep: Power of the cosine of the slope that the echo falls with.
            met: Place on the sweep and length of stay, mm.
        """
        dx, dy = np.diff(corners, axis=0).T
        side = np.hypot(dx, dy)
        length = np.append(0, np.cumsum(side))
        along = np.arange(0, length[-1], STEP_MM)
        x, y = (np.interp(along, length, axis) for axis in corners.T)
        across = np.repeat(np.abs(dx) / side, np.diff(np.searchsorted(along, length)))
        stretches = np.exp(self.rng.normal(0, broken, max(4, int(length[-1] / 2))))
        if np.any(corners[0] != corners[-1]):  # a line that ends fades out
            stretches[[0, -1]] = 0
        echo = np.interp(along, np.linspace(0, length[-1], len(stretches)), stretches)
        strength = np.asarray(amplitude(level_db) * echo * across**steep, np.float32)
        rough = self.rng.normal(0, ROUGH_MM, max(2, int(length[-1])))
        y += np.interp(along, np.linspace(0, length[-1], len(rough)), rough)
        self.reflectors.append(Reflector(np.stack([x, y], 1), strength, drift, *met))

    def dashes(
        self,
        outline: Floats,
        count: int,
        drift: Floats = STILL,
        *,
        tilt: float = 0.0,
        length: Place = (0.6, 3.0),
    ) -> None:
        """Draw the connective tissue among the fibres of a muscle: short strokes, some bright."""
        middle, half = outline.mean(0), np.ptp(outline, axis=0) / 2
        for _ in range(count):
            radius, turn = 0.92 * math.sqrt(self.rng.uniform()), self.rng.uniform(0, 2 * math.pi)
            x, y = middle + radius * half * (math.cos(turn), math.sin(turn))
            size = self.rng.uniform(*length) / 2
            rise, bend = (
                size * math.tan(tilt + self.rng.normal(0, 0.12)),
                self.rng.normal(0, 0.15) * size,
            )
            stroke = np.array([[x - size, y - rise], [x, y + bend], [x + size, y + rise]])
            met = (self.rng.uniform(-3, 33), self.rng.uniform(2, 9))
            self.line(stroke, self.rng.normal(DASH_DB, 6), drift, met=met)

    def blob(
        self,
        middle: Place,
        radii: Place,
        *,
        angle: float = 0.0,
        rough: float = 0.03,
        count: int = 36,
    ) -> Floats:
        """Return the closed outline (count, 2) of an ellipse with random dents."""
        turn = np.linspace(0, 2 * math.pi, count, endpoint=False)
        radius = np.ones(count)
        for order in (2, 3, 4):
            sine, cosine = self.rng.normal(0, rough, 2)
            radius += sine * np.sin(order * turn) + cosine * np.cos(order * turn)
        x, y = radii[0] * radius * np.cos(turn), radii[1] * radius * np.sin(turn)
        c, s = math.cos(angle), math.sin(angle)
        return np.stack([middle[0] + c * x - s * y, middle[1] + s * x + c * y], 1).astype(
            np.float32
        )

    def wave(self, start: Place, end: Place, swing: float, count: int = 30) -> Floats:
        """Return a line (count, 2) from start to end, bent by slow waves of about this height."""
        t = np.linspace(0, 1, count)
        y = start[1] + (end[1] - start[1]) * t
        for order in (1, 2, 3, 4):
            start_turn = self.rng.uniform(0, 2)
            y += self.rng.normal(0, swing / order) * np.sin(math.pi * (order * t + start_turn))
        x = start[0] + (end[0] - start[0]) * t
        return np.stack([x, y], 1).astype(np.float32)


def closed(outline: Floats) -> Floats:
    """Return an outline with its first point repeated at the end."""
    return np.concatenate([outline, outline[:1]])


def shrunk(outline: Floats, by: float) -> Floats:
    """Return an outline (n, 2), or several (m, n, 2), moved inwards by about this many mm."""
    arms = outline - outline.mean(-2, keepdims=True)
    length = np.hypot(arms[..., 0], arms[..., 1])[..., None]
    return np.asarray(outline - by * arms / length, np.float32)


def between(top: Floats, bottom: Floats) -> Floats:
    """Return the outline of the band between two lines."""
    return np.concatenate([top, bottom[::-1]])
