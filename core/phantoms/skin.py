"""Skin and the fat below it, where every image begins."""

from __future__ import annotations

from core.phantoms.organs import FAT_DB, SKIN_DB, moved
from core.phantoms.pen import Pen, between


def surface(pen: Pen, reach: float, fat: float) -> None:
    """Skin with its reverberations, and the fat below; here and there the probe lifts off."""
    rng = pen.rng
    skin = pen.wave((-reach, 1.0), (reach, 1.2), 0.05)
    pen.fill(between(skin, moved(skin, fat)), rng.normal(FAT_DB, 2))
    pen.fill(between(moved(skin, -8), skin), rng.normal(SKIN_DB, 2))
    for depth, level in ((-0.9, -24), (-0.5, -32), (0, -32)):
        pen.line(moved(skin, depth), level, broken=0.2)
    for _ in range(rng.integers(0, 3)):
        gap = pen.blob((rng.uniform(-reach, reach), 0.4), (rng.uniform(1, 5), 0.6))
        pen.fill(gap, SKIN_DB, absorption=rng.uniform(1.5, 5))
