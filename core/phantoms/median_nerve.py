"""The median nerve across: an ellipse of dark fascicles in bright perineurium, with a bright rim.

It is largest and flattest at the wrist and smaller and rounder on the forearm.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from core.phantoms.bmode import Floats
from core.phantoms.organs import EPINEURIUM_DB, FASCIA_DB, FASCICLE_DB
from core.phantoms.pen import Pen, closed, shrunk
from core.phantoms.strokes import Reals, traces

_TURN = np.linspace(0, 2 * math.pi, 40, endpoint=False)
_RIM_MM = 0.35  # of epineurium around what is outlined
_PITCH_MM = 0.82  # from one fascicle to the next
_ROUND = np.stack([np.cos(_TURN[::4]), np.sin(_TURN[::4])], 1)


@dataclass(frozen=True, kw_only=True)
class NerveShape:
    """The shape of one hand's median nerve, smooth along the arm.

    Attributes:
        wrist_mm2: Cross-sectional area at the wrist.
        ratio: Area at the wrist over that at the forearm.
        wrist_flatness: Width over height at the distal wrist crease.
        forearm_flatness: Width over height on the forearm.
        tilt: Turn of the long axis, radians.
        dents: Sine and cosine of waves of order 2, 3, 4 around the contour, (3, 2), as shares.
        parts: Share of the area of each mass, from the thumb's side; one, or two if bifid.
        gap_mm: Between the masses.
    """

    wrist_mm2: float
    ratio: float
    wrist_flatness: float
    forearm_flatness: float
    tilt: float
    dents: Reals
    parts: tuple[float, ...]
    gap_mm: float

    def area_mm2(self, level_cm: float) -> float:
        """Cross-sectional area this far up from the distal wrist crease."""
        return self.wrist_mm2 / math.pow(self.ratio, _up_the_arm(level_cm))

    def contours(self, level_cm: float) -> list[Floats]:
        """Outline of each mass, (40, 2) mm, side by side around the origin."""
        up, outlines, left = _up_the_arm(level_cm), list[Floats](), 0.0
        flatness = self.wrist_flatness * (self.forearm_flatness / self.wrist_flatness) ** up
        for part in self.parts:
            own = 1 + (flatness - 1) / len(self.parts)  # half a flat nerve is rounder
            outline = self._oval(part * self.area_mm2(level_cm), own)
            outline[:, 0] += left - outline[:, 0].min()
            left = float(outline[:, 0].max()) + self.gap_mm
            outlines.append(outline)
        middle = np.array([(left - self.gap_mm) / 2, 0])
        return [_turned(outline - middle, self.tilt * (1 - up)) for outline in outlines]

    def _oval(self, area_mm2: float, flatness: float) -> Reals:
        radius = np.ones(len(_TURN))
        for order, (sine, cosine) in enumerate(self.dents, start=2):
            radius += sine * np.sin(order * _TURN) + cosine * np.cos(order * _TURN)
        height = math.sqrt(2 * area_mm2 / (flatness * radius @ radius * _TURN[1]))
        return np.stack([flatness * radius * np.cos(_TURN), radius * np.sin(_TURN)], 1) * height


def draw_shape(rng: np.random.Generator, *, bifid: bool) -> NerveShape:
    """Draw the median nerve of one hand; of two masses if it is bifid."""
    share = rng.uniform(0.38, 0.62)
    return NerveShape(
        wrist_mm2=float(np.clip(rng.normal(9.4, 1.0), 7.2, 12.0)) * (1.1 if bifid else 1.0),
        ratio=float(np.clip(rng.normal(1.4, 0.12), 1.12, 1.75)),
        wrist_flatness=rng.uniform(2.0, 3.0),
        forearm_flatness=rng.uniform(1.3, 1.9),
        tilt=rng.normal(0, 0.08),
        dents=rng.normal(0, 0.025, (3, 2)),
        parts=(share, 1 - share) if bifid else (1.0,),
        gap_mm=rng.uniform(0.8, 1.3),
    )


def draw_nerve(pen: Pen, contour: Floats, faint_db: float = 0.0) -> None:
    """Draw a nerve, or one mass of it, inside this contour and its rim around it.

    Args:
        pen: Draws.
        contour: What a human outlines, (n, 2) mm.
        faint_db: How much weaker than usual its connective tissue echoes.
    """
    pen.fill(shrunk(contour, -_RIM_MM), pen.rng.normal(EPINEURIUM_DB - 2, 1.5) - faint_db)
    rim = closed(shrunk(contour, -0.15))
    traces(pen, rim[None], FASCIA_DB - 19 - faint_db, broken=0.9, steep=2)
    pen.fill(contour, EPINEURIUM_DB - 7 - faint_db)
    level_db = pen.rng.normal(FASCICLE_DB, 1.5)
    for fascicle in fascicles(pen.rng, contour):
        pen.fill(fascicle, level_db)


def fascicles(rng: np.random.Generator, contour: Floats) -> Floats:
    """Outlines (n, 10, 2) of the bundles of axons: an uneven honeycomb inside a contour."""
    reach = np.ptp(contour, axis=0) / 2
    columns, rows = (np.arange(-side, side + 1) for side in np.ceil(reach / _PITCH_MM))
    x, y = (grid.ravel() * _PITCH_MM for grid in np.meshgrid(columns, rows))
    x = x + _PITCH_MM / 2 * (np.rint(y / _PITCH_MM) % 2) + rng.uniform(-0.2, 0.2)
    centres = np.stack([x, y * 0.87], 1) + rng.normal(0, 0.09, (len(x), 2))
    radii = rng.uniform(0.22, 0.4, len(x))
    inside = ((centres / (reach - radii[:, None] * 0.8)) ** 2).sum(1) < 1
    ovals = radii[inside, None, None] * _ROUND * (1.1, 0.9)
    return np.asarray(contour.mean(0) + centres[inside, None] + ovals, np.float32)


def _up_the_arm(level_cm: float) -> float:
    """0 around the wrist, 1 on the forearm, smooth in between."""
    way = min(max((level_cm + 0.5) / 9, 0), 1)
    return way * way * (3 - 2 * way)


def _turned(outline: Floats, angle: float) -> Floats:
    c, s = math.cos(angle), math.sin(angle)
    return np.asarray(outline @ np.array([[c, s], [-s, c]]), np.float32)
