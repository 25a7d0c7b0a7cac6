"""What wrist and forearm are made of: tendons, arteries, muscles and bones, several at once."""

from __future__ import annotations

import math

import numpy as np

from core.phantoms.bmode import Floats
from core.phantoms.organs import BASE_DB, BLOOD_DB, FASCIA_DB, MUSCLE_DB, moved
from core.phantoms.pen import Pen, between, shrunk
from core.phantoms.strokes import Reals, fibres, traces, within_band, within_ovals

TENDON_DB, DARK_TENDON_DB, SHEATH_DB = -37.0, -49.0, -57.0
DARK_SHARE = 0.3  # of tendons that the beam meets at a slant: anisotropy makes them look like nerve
FIBRE_DB, FIBRES_MM2 = -35.0, 0.5  # strands of connective tissue in muscle
_STEP_MM = 0.3  # between the points of an outline
_CORTEX = (0.0, -9.0), (0.25, -12.0), (0.5, -18.0)  # mm below the surface, dB


def ovals(pen: Pen, middles: Reals, radii: Reals, *, rough: float = 0.05) -> Floats:
    """Return closed, dented, slanting ellipses (n, points, 2); the first point is also the last.

    Args:
        pen: Draws.
        middles: (n, 2) mm.
        radii: Across and down, (n, 2) mm.
        rough: Size of the dents.
    """
    turn = np.linspace(0, 2 * math.pi, math.ceil(6 * float(radii.max()) / _STEP_MM) + 12)
    radius = np.ones((len(middles), len(turn)))
    for order in (2, 3, 4):
        sine, cosine = pen.rng.normal(0, rough, (2, len(middles), 1))
        radius += sine * np.sin(order * turn) + cosine * np.cos(order * turn)
    arms = np.stack([radius * np.cos(turn), radius * np.sin(turn)], 2) * radii[:, None]
    arms[..., 1] += pen.rng.normal(0, 0.1, (len(middles), 1)) * arms[..., 0]
    arms[:, -1] = arms[:, 0]
    return np.asarray(middles[:, None] + arms, np.float32)


def tendons(pen: Pen, middles: Reals, radii: Reals) -> None:
    """Draw tendons across, at these places (n, 2) and of these half axes (n, 2), in mm.

    Each is a bright oval of fibres, or a dark one where it slants to the beam, in a dark sheath.
    """
    rng, outlines = pen.rng, ovals(pen, middles, radii)
    slants = rng.uniform(size=len(outlines)) < DARK_SHARE
    levels = rng.normal(np.where(slants, DARK_TENDON_DB, TENDON_DB), 2.5)
    counts = np.rint(14 * radii.prod(1)).astype(np.int64)
    for sheath in shrunk(outlines, -0.25):
        pen.fill(sheath, SHEATH_DB)
    for outline, level in zip(outlines, levels.tolist(), strict=True):
        pen.fill(outline, level)
    places = within_ovals(pen, outlines, counts)
    fibres(pen, places, np.repeat(levels + 1, counts), length_mm=0.5)
    traces(pen, outlines, levels, broken=1.0, steep=6)


def vessels(pen: Pen, middles: Reals, radii: Reals) -> None:
    """Draw arteries or veins: blood, walls bright above and below, enhancement behind."""
    lumens = ovals(pen, middles, radii, rough=0.03)
    for wall, lumen in zip(shrunk(lumens, -0.3), lumens, strict=True):
        pen.fill(wall, BASE_DB + 4)
        pen.fill(lumen, BLOOD_DB, absorption=-0.4)
    walls = np.concatenate([shrunk(lumens, -depth) for depth in (0.1, 0.3)])
    levels = np.repeat([FASCIA_DB - 9, FASCIA_DB - 14], len(lumens))
    traces(pen, walls, levels, broken=0.3, steep=6)


def bellies(pen: Pen, middles: Reals, radii: Reals) -> None:
    """Draw muscles across, round: dark, with bright strands between their fibres, and sheaths."""
    outlines, count = ovals(pen, middles, radii), len(middles)
    for outline, level in zip(outlines, pen.rng.normal(MUSCLE_DB, 2, count).tolist(), strict=True):
        pen.fill(outline, level)
    counts = np.rint(4 * FIBRES_MM2 * radii.prod(1)).astype(np.int64)
    tilts = np.repeat(pen.rng.normal(0, 0.15, count), counts)
    fibres(pen, within_ovals(pen, outlines, counts), FIBRE_DB, length_mm=1.3, tilts=tilts)
    traces(pen, outlines, FASCIA_DB - 16, broken=1.0, steep=3)


def layer(pen: Pen, top: Floats, bottom: Floats, tilt: float = 0.0) -> None:
    """Draw a muscle across, flat, between two lines that run along x together."""
    pen.fill(between(top, bottom), pen.rng.normal(MUSCLE_DB, 2))
    width, height = float(np.ptp(top[:, 0])), float((bottom - top)[:, 1].mean())
    places = within_band(pen, top, bottom, round(FIBRES_MM2 * width * height))
    fibres(pen, places, FIBRE_DB, length_mm=1.5, tilts=tilt)


def bone(pen: Pen, surface: Floats) -> None:
    """Draw the surface of a bone, a line from left to right, and the shadow behind it."""
    absorption = pen.rng.uniform(1.6, 3.5)
    for part, share in ((surface, 0.5), (surface[2:-2], 1.0)):  # a shadow has soft edges
        pen.fill(between(part, moved(part, 3)), MUSCLE_DB, absorption=share * absorption)
    depths, levels = np.array(_CORTEX, np.float32).T
    lines = np.stack([moved(surface, depth) for depth in depths.tolist()])
    traces(pen, lines, levels, broken=0.8, steep=6)
