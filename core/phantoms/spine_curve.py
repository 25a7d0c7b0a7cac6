"""The lateral curve of a spine, from straight to scoliotic, and the angle that it is judged by."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Reals = npt.NDArray[np.float64]
_THORACIC, _LUMBAR = 0.35, 0.74  # where the apex of a curve lies, as a share of the spine's length


@dataclass(frozen=True)
class Bend:
    """One lateral curve: a period of a raised cosine, away from the midline and back.

    Attributes:
        apex_mm: Place of its apex down the spine.
        length_mm: From where it leaves the midline to where it is back.
        angle_deg: Between its two steepest tangents, which lie a quarter of the length above and
            below the apex; positive bends to the right of the image.
    """

    apex_mm: float
    length_mm: float
    angle_deg: float

    def offset_mm(self, down_mm: Reals) -> Reals:
        """How far right of the midline the spine lies at these places."""
        height = self._steepest * self.length_mm / math.pi
        return height / 2 * (1 + np.cos(self._phase(down_mm)))

    def slope(self, down_mm: Reals) -> Reals:
        """Derivative of the offset along the spine."""
        return -self._steepest * np.sin(self._phase(down_mm))

    @property
    def _steepest(self) -> float:
        return math.tan(math.radians(self.angle_deg) / 2)

    def _phase(self, down_mm: Reals) -> Reals:
        """From -pi to pi along the bend, and at those values above and below it."""
        return 2 * math.pi * np.clip((down_mm - self.apex_mm) / self.length_mm, -0.5, 0.5)


@dataclass(frozen=True)
class SpineCurve:
    """The midline of a spine: x to the right as a function of the way down, both in mm."""

    bends: tuple[Bend, ...] = ()

    def offset_mm(self, down_mm: npt.ArrayLike) -> Reals:
        """How far right of the straight line the spine lies at these places."""
        places = np.asarray(down_mm, np.float64)
        return sum((bend.offset_mm(places) for bend in self.bends), np.zeros_like(places))

    def tilt_deg(self, down_mm: npt.ArrayLike) -> Reals:
        """Angle of the tangent against the vertical; positive leads to the right going down."""
        places = np.asarray(down_mm, np.float64)
        slope = sum((bend.slope(places) for bend in self.bends), np.zeros_like(places))
        return np.degrees(np.arctan(slope))


def cobb_deg(tilts_deg: npt.ArrayLike) -> float:
    """Return the largest angle between any two vertebrae, given the tilt of each in degrees.

    Cobb's angle, taken here from the spine's own curve rather than from end plates on a radiograph.
    """
    return float(np.ptp(np.asarray(tilts_deg)))


def draw_curve(rng: np.random.Generator, length_mm: float, severity: float) -> SpineCurve:
    """Draw a curve of up to `severity` degrees: thoracic, lumbar or both in turn.

    Args:
        rng: Source of every random choice.
        length_mm: Of the spine, from the first thoracic to the last lumbar vertebra.
        severity: Largest angle between two tangents, degrees; 0 gives a straight spine.
    """
    angle = rng.uniform(0, severity) * rng.choice([-1, 1])
    thoracic, lumbar = (rng.normal(at, 0.02) * length_mm for at in (_THORACIC, _LUMBAR))
    pattern = rng.choice(["thoracic", "lumbar", "double"], p=[0.35, 0.2, 0.45])
    if pattern == "thoracic":
        return SpineCurve((Bend(thoracic, rng.uniform(0.65, 0.8) * length_mm, angle),))
    if pattern == "lumbar":
        return SpineCurve((Bend(lumbar, rng.uniform(0.5, 0.65) * length_mm, angle),))
    # the steepest tangents of both meet half-way and add up, so each gets two thirds at most
    upper, lower = 2 / 3 * angle * rng.permutation([1, rng.uniform(0.6, 1)])
    span = 2 * (lumbar - thoracic)
    return SpineCurve((Bend(thoracic, span, upper), Bend(lumbar, span, -lower)))
