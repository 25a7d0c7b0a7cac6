"""What a neck is made of: muscle, bone, vessels, lymph nodes, and how bright each is.

Levels are in dB below white; positions and sizes in mm.
"""

from __future__ import annotations

import numpy as np

from core.phantoms.bmode import Floats
from core.phantoms.pen import Pen, Place, between, closed, shrunk

BASE_DB, MUSCLE_DB, FAT_DB, SKIN_DB, BLOOD_DB = -46.0, -56.0, -51.0, -39.0, -73.0
FLUID_DB = -66.0  # what is darker is fluid, in which nothing reflects
EPINEURIUM_DB, FASCICLE_DB = -37.0, -59.0
FASCIA_DB, FASCIA_TISSUE_DB = -15.0, -37.0


def muscle(pen: Pen, outline: Floats, fibres: int, tilt: float = 0.0) -> None:
    """Darker than its surroundings, sheathed in patches, with streaks along its fibres."""
    drift = pen.drift()
    pen.fill(outline, pen.rng.normal(MUSCLE_DB, 2.5), drift)
    for depth in (0, 0.35):
        pen.line(shrunk(closed(outline), depth), FASCIA_DB - 22, drift, broken=1.8, steep=6)
    pen.dashes(outline, fibres, drift, tilt=tilt)


def bone(pen: Pen, x: float, y: float) -> None:
    """A bright surface and the shadow behind it."""
    drift, half, height = pen.drift(), pen.rng.uniform(2, 5), pen.rng.uniform(-0.5, 2.5)
    surface = pen.wave((x - half, y), (x + half, pen.rng.normal(y, 1)), 0.1)
    surface[:, 1] += height * np.linspace(-1, 1, len(surface)) ** 2
    body = between(surface, moved(surface, 3))
    pen.fill(body, MUSCLE_DB, drift, absorption=pen.rng.uniform(2.5, 5))
    for depth, level in ((0, -5), (0.15, -8), (0.35, -12), (0.6, -18)):
        pen.line(moved(surface, depth), level, drift, steep=3, broken=0.4)


def vessel(pen: Pen, middle: Place, radii: Place, wall_db: float) -> None:
    """Dark blood, a wall that is bright above and below, and enhancement behind."""
    drift = pen.drift()
    outer = pen.blob(middle, radii, angle=pen.rng.normal(0, 0.15))
    lumen = shrunk(outer, 0.35)
    pen.fill(outer, BASE_DB + 4, drift)
    pen.fill(lumen, BLOOD_DB, drift, absorption=-0.4)
    for depth, level in ((0.1, 0), (0.25, -3), (0.45, -8)):
        pen.line(shrunk(lumen, -depth)[1:18], wall_db + level, drift, steep=7, broken=0.2)
    pen.line(shrunk(lumen, -0.1)[19:], wall_db - 10, drift, steep=7, broken=0.2)


def lymph_node(pen: Pen, middle: Place) -> None:
    """A dark oval with a bright hilum."""
    drift = pen.drift()
    radii = pen.rng.uniform(2, 3.5), pen.rng.uniform(1.2, 1.9)
    pen.fill(pen.blob(middle, radii), MUSCLE_DB - 4, drift)
    pen.fill(pen.blob(middle, (1.3, 0.4)), EPINEURIUM_DB, drift)


def bundle(pen: Pen, middle: Place) -> None:
    """Muscle fibres end on: dark, round and rimmed, much like one root of a plexus."""
    drift, radii = pen.drift(), (pen.rng.uniform(0.8, 1.6), pen.rng.uniform(0.7, 1.2))
    outline = pen.blob(middle, radii, rough=0.08)
    pen.fill(outline, FASCICLE_DB, drift)
    pen.line(closed(outline), FASCIA_DB - 14, drift, broken=1.0, steep=2)


def moved(points: Floats, down: float) -> Floats:
    """Return points moved down."""
    return points + np.array([0, down], np.float32)
