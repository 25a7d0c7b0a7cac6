"""Where the tissue that is now at a place was at the end of diastole.

The base descends, the walls of the left ventricle keep their volume: what the cavity loses in
radius and the wall in length makes the wall thicker. Beyond the wall the motion dies away.
"""

from __future__ import annotations

import numpy as np

from core.phantoms.bmode import Floats
from core.phantoms.heart.model import Heart

_ATRIAL_REACH_MM = 58.0  # from the annulus to the back of the atria, which stays in place
_FAR_MM = 1e3
_FADE_MM = 15.0  # beyond the annulus, over which the inward motion dies away
_RELIEF = (1.1, 31.0), (0.45, 12.0)  # height and length of the waves on surfaces, mm


def material(heart: Heart, points: Floats, contraction: float) -> Floats:
    """Return the end-diastolic places, float32 (3, n), of what is at points (3, n) now.

    Args:
        heart: Whose motion it is.
        points: In the heart's frame, mm.
        contraction: 0 (end of diastole) to 1 (end of systole).
    """
    x, y, z = points
    descent_mm, base_mm = contraction * heart.descent_mm, heart.length_mm
    back_mm = base_mm + _ATRIAL_REACH_MM
    now = (-_FAR_MM, 0, base_mm - descent_mm, back_mm, _FAR_MM)
    once = np.interp(z, now, (-_FAR_MM, 0, base_mm, back_mm, _FAR_MM)).astype(np.float32)
    ratio = _radial(heart, np.square(x) + np.square(y), once, contraction)
    return np.stack([x * ratio, y * ratio, once])


def uneven(heart: Heart, places: Floats) -> Floats:
    """Return end-diastolic places (3, n) shifted a little: surfaces are no perfect ellipsoids."""
    shifted = places.copy()
    for turn, ((height_mm, length_mm), phases) in enumerate(
        zip(_RELIEF, heart.relief, strict=True)
    ):
        waves = np.roll(places, turn + 1, axis=0) * np.float32(2 * np.pi / length_mm)
        shifted += np.float32(height_mm) * np.sin(waves + phases.astype(np.float32))
    return shifted


def _radial(heart: Heart, square: Floats, z: Floats, contraction: float) -> Floats:
    """Radius then over radius now, for squared radii now at levels z then."""
    _, _, centre = heart.cavity.frame.origin
    profile = np.maximum(1 - np.square((z - centre) / heart.cavity.semi_mm[2]), 0)
    profile *= np.clip(1 - (z - heart.length_mm) / _FADE_MM, 0, 1)
    cavity = np.float32(heart.radius_mm**2) * profile
    outside = np.float32((heart.radius_mm + heart.wall_mm) ** 2) * profile
    shrunk = np.float32((1 - contraction * heart.shortening) ** 2)
    stretch = np.float32(1 / (1 - contraction * heart.descent_mm / heart.length_mm))
    wall = cavity + (square - shrunk * cavity) / stretch
    beyond = square + (1 - shrunk) * cavity - (stretch - 1) * (outside - cavity)
    then = np.where(square < shrunk * cavity, square / shrunk, np.maximum(wall, beyond))
    return np.asarray(np.sqrt(then / np.maximum(square, 1e-6)))
