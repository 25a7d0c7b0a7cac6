"""A neck in cross-section where the brachial plexus leaves it, drawn anew for every subject.

From the skin down: fat with septa, the sternocleidomastoid, the anterior and middle scalene with the
roots of the plexus in the groove between them, prevertebral muscle, transverse processes of the
spine; carotid artery, jugular vein and thyroid on the inner side; vessels, lymph nodes and bundles of
muscle that look somewhat like roots anywhere.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from core.phantoms.bmode import Floats
from core.phantoms.pen import Pen, between, closed, shrunk
from core.phantoms.sketch import Sketch

BASE_DB, MUSCLE_DB, FAT_DB, SKIN_DB, BLOOD_DB = -48.0, -54.0, -50.0, -40.0, -72.0
EPINEURIUM_DB, FASCICLE_DB = -40.0, -58.0
FASCIA_DB = -13.0


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
    fat, bulk = rng.uniform(2.0, 4.5), rng.uniform(2.0, 5.0)
    x, y = rng.uniform(-5, 5), fat + bulk + rng.uniform(3.5, 6.0)
    _depths(pen, x, y)
    _scalenes(pen, x, y)
    _streaks(pen, reach, (y - 5, y + 18))
    _medial(pen, x, y)
    _look_alikes(pen, x, y)
    _superficial(pen, reach, fat, bulk, x)
    contour, drift = _plexus(roots, x, y)
    return Anatomy(pen.sketch(), roots.sketch(), contour, drift)


def _superficial(pen: Pen, reach: float, fat: float, bulk: float, x: float) -> None:
    """Skin, subcutaneous fat, and the sternocleidomastoid between its two fasciae."""
    rng = pen.rng
    tilt = rng.normal(0, 1.2)
    skin = pen.wave((-reach, 1.0), (reach, 1.2), 0.05)
    upper = pen.wave((-reach, fat - tilt), (reach, fat + tilt), 0.5)
    belly = np.exp(-(((upper[:, 0] - x + rng.uniform(0, 14)) / rng.uniform(11, 20)) ** 2))
    lower = upper + np.stack([0 * belly, bulk * belly + 0.3], 1)
    pen.fill(between(skin, upper), FAT_DB + rng.normal(0, 2))
    pen.fill(between(upper, lower), MUSCLE_DB + rng.normal(0, 2))
    pen.fill(between(skin - (0, 8), skin), SKIN_DB + rng.normal(0, 2))
    pen.dashes(between(upper, lower), round(1.5 * reach), length=(1, 5))
    for depth, level in ((0.15, -10), (1.0, -26)):
        pen.line(skin - (0, skin[0, 1] - depth), level, broken=0.15)
    for edge in (upper, lower):
        for gap in (0, rng.uniform(0.25, 0.6)):
            sheet = edge + pen.wave((0, gap), (0, gap), 0.12)
            pen.line(sheet, FASCIA_DB - rng.uniform(0, 6), broken=0.7)
    _septa(pen, reach, fat)


def _septa(pen: Pen, reach: float, fat: float) -> None:
    """Bright, slanting septa that part the fat into lobules."""
    rng = pen.rng
    for _ in range(round(0.5 * reach)):
        middle, half, depth = rng.uniform(-reach, reach), rng.uniform(1.5, 8), rng.uniform(1.5, fat)
        slant = rng.normal(0, 0.08) * half
        septum = pen.wave((middle - half, depth - slant), (middle + half, depth + slant), 0.2)
        pen.line(septum, FASCIA_DB - rng.uniform(-2, 12), met=(rng.uniform(-5, 35), 15))


def _muscle(pen: Pen, outline: Floats, fibres: int, tilt: float = 0.0) -> None:
    """A muscle: darker than its surroundings, sheathed in patches, with streaks along its fibres."""
    drift = pen.drift()
    pen.fill(outline, MUSCLE_DB + pen.rng.normal(0, 2), drift)
    for depth in (0, 0.3):
        pen.line(shrunk(closed(outline), depth), FASCIA_DB - 13, drift, broken=1.1, steep=3)
    pen.dashes(outline, fibres, drift, tilt=tilt)


def _scalenes(pen: Pen, x: float, y: float) -> None:
    """Anterior scalene on the inner side of the groove, middle scalene on the outer."""
    rng = pen.rng
    front = pen.blob((x - 6.8, y + 1), (rng.uniform(3.8, 5), rng.uniform(3.5, 5)), angle=rng.uniform(-0.6, 0.3), rough=0.07)
    rear = pen.blob((x + 8.2, y + 1.5), (rng.uniform(5, 7), rng.uniform(4, 5.5)), angle=rng.uniform(-0.2, 0.6), rough=0.07)
    _muscle(pen, front, 16, rng.normal(0, 0.15))
    _muscle(pen, rear, 26, rng.normal(0.1, 0.15))
    _muscle(pen, pen.blob((x + 23, y + rng.uniform(-2, 2)), (9, rng.uniform(4, 6)), rough=0.08), 25)


def _depths(pen: Pen, x: float, y: float) -> None:
    """Prevertebral muscle, and in most subjects one or two transverse processes."""
    rng = pen.rng
    _muscle(pen, pen.blob((x - 14, y + 11), (11, 4.5), rough=0.08), 25, rng.normal(0, 0.15))
    _muscle(pen, pen.blob((x + 10, y + 13), (14, 5.5), rough=0.08), 35, rng.normal(0, 0.15))
    for _ in range(rng.integers(0, 3)):
        _bone(pen, x + rng.uniform(-16, 16), y + rng.uniform(6.5, 12))


def _bone(pen: Pen, x: float, y: float) -> None:
    """A bright surface and the shadow behind it."""
    drift, half, height = pen.drift(), pen.rng.uniform(2, 5), pen.rng.uniform(-0.5, 2.5)
    surface = pen.wave((x - half, y), (x + half, y + pen.rng.normal(0, 1)), 0.25)
    surface[:, 1] += height * np.linspace(-1, 1, len(surface)) ** 2
    pen.fill(between(surface, surface + (0, 3)), MUSCLE_DB, drift, absorption=pen.rng.uniform(2.5, 5))
    for depth, level in ((0, -2), (0.3, -8), (0.7, -18)):
        pen.line(surface + (0, depth), level, drift, steep=3, broken=0.4)


def _streaks(pen: Pen, reach: float, depths: tuple[float, float]) -> None:
    """Loose fascia anywhere between two depths."""
    rng = pen.rng
    for _ in range(round(1.6 * reach)):
        x, y, half = rng.uniform(-reach, reach), rng.uniform(*depths), rng.uniform(0.8, 5)
        slant = rng.normal(0, 0.15) * half
        streak = pen.wave((x - half, y - slant), (x + half, y + slant), 0.25)
        pen.line(streak, FASCIA_DB - rng.uniform(3, 20), pen.drift(), broken=0.8, met=(rng.uniform(-5, 35), rng.uniform(3, 15)))


def _vessel(pen: Pen, middle: tuple[float, float], radii: tuple[float, float], wall_db: float = -14.0) -> None:
    """Dark blood, a wall that is bright above and below, and enhancement behind."""
    drift = pen.drift()
    outer = pen.blob(middle, radii, angle=pen.rng.normal(0, 0.15))
    lumen = shrunk(outer, 0.35)
    pen.fill(outer, BASE_DB + 4, drift)
    pen.fill(lumen, BLOOD_DB, drift, absorption=-0.4)
    pen.line(lumen[1:18], wall_db, drift, steep=7, broken=0.2)
    pen.line(shrunk(lumen, -0.3)[2:17], wall_db - 4, drift, steep=7, broken=0.2)
    pen.line(lumen[19:], wall_db - 10, drift, steep=7, broken=0.2)


def _medial(pen: Pen, x: float, y: float) -> None:
    """Thyroid, carotid artery and jugular vein."""
    rng = pen.rng
    pen.fill(pen.blob((x - 22, y + rng.uniform(-2, 1)), (6.5, 5), rough=0.06), BASE_DB + 6, pen.drift())
    radius = rng.uniform(2.6, 3.6)
    _vessel(pen, (x - rng.uniform(13, 16), y + rng.uniform(-1, 3)), (radius, 0.95 * radius))
    _vessel(pen, (x - rng.uniform(7, 12), y - rng.uniform(3, 5)), (rng.uniform(2.5, 4.5), rng.uniform(0.8, 2.2)), -20)


def _look_alikes(pen: Pen, x: float, y: float) -> None:
    """Small vessels, a lymph node, dark bundles of muscle: what a plexus is mistaken for."""
    rng = pen.rng
    for _ in range(rng.integers(0, 3)):
        _vessel(pen, (x + rng.uniform(-16, 16), y + rng.uniform(-6, 5)), (rng.uniform(0.8, 1.4), rng.uniform(0.6, 1.1)), -22)
    if rng.uniform() < 0.5:
        middle, drift = (x + rng.choice([-1, 1]) * rng.uniform(6, 15), y - rng.uniform(1, 5)), pen.drift()
        pen.fill(pen.blob(middle, (rng.uniform(2, 3.5), rng.uniform(1.2, 1.9))), MUSCLE_DB - 4, drift)
        pen.fill(pen.blob(middle, (1.3, 0.4)), EPINEURIUM_DB, drift)
    for _ in range(rng.integers(0, 4)):
        u, v, drift = x + rng.uniform(-14, 14), y + rng.uniform(-3, 7), pen.drift()
        bundle = pen.blob((u, v), (rng.uniform(0.8, 1.6), rng.uniform(0.7, 1.2)), rough=0.08)
        pen.fill(bundle, FASCICLE_DB, drift)
        pen.line(closed(bundle), FASCIA_DB - 14, drift, broken=1.0, steep=2, taper=False)


def _plexus(pen: Pen, x: float, y: float) -> tuple[Floats, Floats]:
    """Dark round roots with bright rims, packed in bright tissue; returns its contour and drift."""
    rng, drift = pen.rng, pen.drift(0.1)
    long, short, tilt = rng.uniform(3.2, 4.8), rng.uniform(1.9, 2.8), rng.uniform(0.5, 2.2)
    wrap = pen.blob((x, y), (long, short), angle=tilt, rough=0.05)
    pen.fill(wrap, EPINEURIUM_DB - 3 + rng.normal(0, 1.5), drift)
    pen.line(closed(wrap), FASCIA_DB - 12, drift, broken=0.8, steep=2, taper=False)
    c, s = math.cos(tilt), math.sin(tilt)
    for u, v, radius in _packed(rng, long - 0.2, short - 0.2):
        root = pen.blob((x + c * u - s * v, y + s * u + c * v), (radius, radius * rng.uniform(0.75, 1)), angle=tilt, count=20)
        pen.fill(root, EPINEURIUM_DB + 2, drift)
        pen.fill(shrunk(root, 0.25), FASCICLE_DB + rng.normal(0, 2), drift)
        pen.line(closed(root), FASCIA_DB - 10, drift, broken=0.5, steep=1.5, taper=False)
    for _ in range(8):
        u, v = x + rng.normal(0, 1.5), y + rng.normal(0, 1.5)
        pen.line(pen.wave((u - 0.6, v), (u + 0.6, v), 0.1), FASCIA_DB - rng.uniform(5, 12), drift)
    return pen.blob((x, y), (long + 0.3, short + 0.3), angle=tilt, rough=0.02), drift


def _packed(rng: np.random.Generator, long: float, short: float) -> list[tuple[float, float, float]]:
    """Circles (x, y, radius) inside an ellipse that do not touch."""
    count, circles = rng.integers(3, 8), list[tuple[float, float, float]]()
    for _ in range(150):
        radius = rng.uniform(0.6, 1.4)
        x, y = rng.uniform(-1, 1, 2) * (long - radius, short - radius)
        inside = math.hypot(x / (long - 0.8 * radius), y / (short - 0.8 * radius)) < 1
        if inside and len(circles) < count and all(math.hypot(x - a, y - b) > radius + r + 0.2 for a, b, r in circles):
            circles.append((x, y, radius))
    return circles
