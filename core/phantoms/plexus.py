"""The brachial plexus between the scalenes: dark round roots with bright rims in bright tissue."""

from __future__ import annotations

import math

import numpy as np

from core.phantoms.bmode import Floats
from core.phantoms.organs import EPINEURIUM_DB, FASCIA_DB, FASCICLE_DB
from core.phantoms.pen import Pen, closed, shrunk


def draw_plexus(pen: Pen, x: float, y: float) -> tuple[Floats, Floats]:
    """Draw a plexus around (x, y) mm.

    Returns:
        The contour a human would draw around it, (n, 2) mm, and its drift for each mm of sweep.
    """
    rng, drift = pen.rng, pen.drift(0.1)
    long, short, tilt = rng.uniform(3.2, 4.8), rng.uniform(1.9, 2.8), rng.uniform(0.5, 2.2)
    wrap = pen.blob((x, y), (long, short), angle=tilt, rough=0.05)
    pen.fill(wrap, rng.normal(EPINEURIUM_DB - 3, 1.5), drift)
    pen.line(closed(wrap), FASCIA_DB - 19, drift, broken=1.0, steep=3)
    c, s = math.cos(tilt), math.sin(tilt)
    for u, v, radius in packed(rng, long - 0.2, short - 0.2):
        _root(pen, (x + c * u - s * v, y + s * u + c * v), radius, tilt, drift)
    for _ in range(5):  # connective tissue between the roots
        u, v = rng.normal((x, y), 1.5)
        stroke = pen.wave((u - 0.6, v), (u + 0.6, v), 0.1)
        pen.line(stroke, FASCIA_DB - rng.uniform(8, 16), drift)
    return pen.blob((x, y), (long + 0.3, short + 0.3), angle=tilt, rough=0.02), drift


def _root(pen: Pen, middle: tuple[float, float], radius: float, tilt: float, drift: Floats) -> None:
    radii = radius, radius * pen.rng.uniform(0.7, 1)
    outline = pen.blob(middle, radii, angle=tilt, rough=0.05, count=20)
    pen.fill(outline, EPINEURIUM_DB + 2, drift)
    pen.fill(shrunk(outline, 0.2), pen.rng.normal(FASCICLE_DB, 2), drift)
    pen.line(closed(outline), FASCIA_DB - 18, drift, broken=0.8, steep=3)


def packed(rng: np.random.Generator, long: float, short: float) -> list[tuple[float, float, float]]:
    """Draw 3 to 6 circles (x, y, radius) inside an ellipse that do not touch; fewer if crowded."""
    count, circles = rng.integers(3, 7), list[tuple[float, float, float]]()
    for _ in range(150):
        radius = rng.uniform(0.75, 1.6)
        x, y = rng.uniform(-1, 1, 2) * (long - radius, short - radius)
        inside = math.hypot(x / (long - 0.8 * radius), y / (short - 0.8 * radius)) < 1
        free = all(math.hypot(x - a, y - b) > radius + r + 0.2 for a, b, r in circles)
        if inside and free and len(circles) < count:
            circles.append((float(x), float(y), radius))
    return circles
