"""A neck in cross-section where the brachial plexus leaves it, drawn anew for every subject.

From the skin down: fat with septa, the sternocleidomastoid, the anterior and middle scalene with
the roots of the plexus in the groove between them, prevertebral muscle, transverse processes of
the spine. On the inner side thyroid, carotid artery and jugular vein; anywhere, look-alikes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.phantoms.bmode import Floats
from core.phantoms.organs import (
    BASE_DB,
    FASCIA_DB,
    FASCIA_TISSUE_DB,
    MUSCLE_DB,
    bone,
    bundle,
    lymph_node,
    muscle,
    vessel,
)  # fmt: skip
from core.phantoms.pen import Pen, between
from core.phantoms.plexus import draw_plexus
from core.phantoms.sketch import Sketch
from core.phantoms.skin import surface


@dataclass(frozen=True)
class Anatomy:
    """What a subject consists of.

    Attributes:
        tissue: All but the plexus.
        plexus: The roots and what wraps them.
        contour: Outline of the plexus as a human would draw it, (n, 2) mm.
        drift: Movement of the plexus for each mm of sweep.
    """

    tissue: Sketch
    plexus: Sketch
    contour: Floats
    drift: Floats


def draw_neck(rng: np.random.Generator, reach: float) -> Anatomy:
    """Draw a subject's neck to `reach` mm on either side of the middle."""
    pen, roots = Pen(rng), Pen(rng)
    fat, belly = rng.uniform(2.0, 4.5), rng.uniform(2.0, 5.0)
    x, y = rng.uniform(-5, 5), fat + belly + rng.uniform(3.5, 6.0)
    _depths(pen, x, y)
    _scalenes(pen, x, y)
    _streaks(pen, reach, y)
    _inner_side(pen, x, y)
    _look_alikes(pen, x, y)
    surface(pen, reach, fat)
    _sternomastoid(pen, reach, fat, belly, x)
    _septa(pen, reach, fat)
    contour, drift = draw_plexus(roots, x, y)
    return Anatomy(pen.sketch(), roots.sketch(), contour, drift)


def _depths(pen: Pen, x: float, y: float) -> None:
    """Prevertebral muscle, and in most subjects one or two transverse processes."""
    rng = pen.rng
    inner, outer = ((x - 14, y + 11), (11, 4.5)), ((x + 10, y + 13), (14, 5.5))
    muscle(pen, pen.blob(*inner, rough=0.12), 25, rng.normal(0, 0.15))
    muscle(pen, pen.blob(*outer, rough=0.12), 35, rng.normal(0, 0.15))
    for _ in range(rng.integers(0, 3)):
        bone(pen, x + rng.uniform(-16, 16), y + rng.uniform(6.5, 12))


def _scalenes(pen: Pen, x: float, y: float) -> None:
    """Anterior scalene on the inner side of the groove, middle scalene and more on the outer."""
    rng = pen.rng
    front = rng.uniform(3.8, 5), rng.uniform(3.5, 5)
    rear = rng.uniform(5, 7), rng.uniform(4, 5.5)
    anterior = pen.blob((x - 6.8, y + 1), front, angle=rng.uniform(-0.6, 0.3), rough=0.1)
    middle = pen.blob((x + 8.2, y + 1.5), rear, angle=rng.uniform(-0.2, 0.6), rough=0.1)
    levator = pen.blob((x + 23, y + rng.uniform(-2, 2)), (9, rng.uniform(4, 6)), rough=0.12)
    muscle(pen, anterior, 16, rng.normal(0, 0.15))
    muscle(pen, middle, 26, rng.normal(0.1, 0.15))
    muscle(pen, levator, 25)


def _streaks(pen: Pen, reach: float, y: float) -> None:
    """Loose fascia around and below the plexus, met and left along the sweep."""
    rng = pen.rng
    for _ in range(round(2.5 * reach)):
        u, v, half = rng.uniform(-reach, reach), y + rng.uniform(-5, 18), rng.uniform(0.6, 4)
        slant = rng.normal(0, 0.15) * half
        streak = pen.wave((u - half, v - slant), (u + half, v + slant), 0.06 * half)
        met = rng.uniform(-5, 35), rng.uniform(3, 15)
        level = FASCIA_DB - rng.uniform(5, 25)
        pen.line(streak, level, pen.drift(), broken=0.8, met=met)


def _inner_side(pen: Pen, x: float, y: float) -> None:
    """Thyroid, carotid artery and jugular vein."""
    rng = pen.rng
    thyroid = pen.blob((x - 22, y + rng.uniform(-2, 1)), (6.5, 5), rough=0.06)
    pen.fill(thyroid, BASE_DB + 6, pen.drift())
    radius = rng.uniform(2.6, 3.6)
    carotid = x - rng.uniform(13, 16), y + rng.uniform(-1, 3)
    vessel(pen, carotid, (radius, 0.95 * radius), -14)
    jugular = x - rng.uniform(7, 12), y - rng.uniform(3, 5)
    vessel(pen, jugular, (rng.uniform(2.5, 4.5), rng.uniform(0.8, 2.2)), -20)


def _look_alikes(pen: Pen, x: float, y: float) -> None:
    """Small vessels, a lymph node, dark bundles of muscle: what a plexus is mistaken for."""
    rng = pen.rng
    for _ in range(rng.integers(0, 3)):
        middle = x + rng.uniform(-16, 16), y + rng.uniform(-6, 5)
        vessel(pen, middle, (rng.uniform(0.8, 1.4), rng.uniform(0.6, 1.1)), -22)
    if rng.uniform() < 0.5:
        lymph_node(pen, (x + rng.choice([-1, 1]) * rng.uniform(6, 15), y - rng.uniform(1, 5)))
    for _ in range(rng.integers(0, 4)):
        bundle(pen, (x + rng.uniform(-14, 14), y + rng.uniform(-3, 7)))


def _sternomastoid(pen: Pen, reach: float, fat: float, belly: float, x: float) -> None:
    """The broad flat muscle under the fat, between its two fasciae."""
    rng = pen.rng
    tilt = rng.normal(0, 1.2)
    upper = pen.wave((-reach, fat - tilt), (reach, fat + tilt), 0.5)
    beside = (upper[:, 0] - x + rng.uniform(0, 14)) / rng.uniform(11, 20)
    lower = upper.copy()
    lower[:, 1] += belly * np.exp(-(beside**2)) + 0.3
    pen.fill(between(upper, lower), rng.normal(MUSCLE_DB, 2))
    pen.dashes(between(upper, lower), round(1.5 * reach), length=(1, 5))
    for edge in (upper, lower):
        sheet = edge + pen.wave((0, 0.2), (0, rng.uniform(0.3, 0.8)), 0.15)
        pen.fill(between(edge, sheet), FASCIA_TISSUE_DB)
        pen.line(edge, FASCIA_DB - rng.uniform(0, 6), broken=1.0)
        start, stop = np.sort(rng.integers(0, len(sheet) - 2, 2))
        pen.line(sheet[start : stop + 2], FASCIA_DB - rng.uniform(2, 10), broken=1.0)


def _septa(pen: Pen, reach: float, fat: float) -> None:
    """Bright, slanting septa that part the fat into lobules."""
    rng = pen.rng
    for _ in range(round(0.5 * reach)):
        u, half, depth = rng.uniform(-reach, reach), rng.uniform(1.5, 8), rng.uniform(1.5, fat)
        slant = rng.normal(0, 0.08) * half
        septum = pen.wave((u - half, depth - slant), (u + half, depth + slant), 0.2)
        pen.line(septum, FASCIA_DB - rng.uniform(-2, 12), met=(rng.uniform(-5, 35), 15))
