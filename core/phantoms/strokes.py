"""Many reflectors drawn at once: lines side by side, fibres of muscles and tendons."""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from core.phantoms.bmode import Floats, amplitude
from core.phantoms.pen import ALWAYS, STILL, Pen
from core.phantoms.sketch import STEP_MM, Reflector

Reals = npt.NDArray[np.floating[Any]]
_PATCH_MM = 2.0  # a line is as bright on this way, then other
_ROUGH_MM = 0.05


def traces(
    pen: Pen, lines: Reals, levels_db: npt.ArrayLike, *, broken: float = 0.6, steep: float = 5.0
) -> None:
    """Draw lines that reflect as those of `Pen.line` do, several at once.

    Args:
        pen: Draws.
        lines: (lines, points, 2) in mm; points about STEP_MM apart.
        levels_db: Typical echo of a horizontal stretch of each line, or of all.
        broken: Spread (natural log) of the echo from one stretch to the next.
        steep: Power of the cosine of the slope that the echo falls with.
    """
    ways, middles = np.diff(lines, axis=1), (lines[:, 1:] + lines[:, :-1]) / 2
    length = np.hypot(ways[..., 0], ways[..., 1]) + 1e-6
    patches = max(4, round(float(length.sum(1).mean()) / _PATCH_MM))
    echo = np.exp(pen.rng.normal(0, broken, (len(lines), patches))).astype(np.float32)
    if np.any(lines[:, 0] != lines[:, -1]):  # a line that ends fades out
        echo[:, [0, -1]] = 0
    rough = pen.rng.normal(0, _ROUGH_MM, (len(lines), 2 * patches)).astype(np.float32)
    echo, rough = (cv2.resize(values, length.shape[::-1]) for values in (echo, rough))
    level = amplitude(levels_db).reshape(-1, 1)
    echo *= level * length / STEP_MM * (np.abs(ways[..., 0]) / length) ** steep
    _reflect(pen, middles[..., 0], middles[..., 1] + rough, echo)


def fibres(
    pen: Pen,
    middles: Reals,
    levels_db: npt.ArrayLike,
    *,
    length_mm: float,
    tilts: npt.ArrayLike = 0,
) -> None:
    """Draw a short, slightly bent stroke around each of these points.

    Args:
        pen: Draws.
        middles: Points (n, 2) in mm.
        levels_db: Median echo of each or of all; 6 dB is its standard deviation.
        length_mm: Mean length.
        tilts: Mean slope of each or of all against the surface.
    """
    rng, count = pen.rng, (len(middles), 1)
    along = np.linspace(-1, 1, max(5, math.ceil(length_mm / STEP_MM)))
    half = length_mm * rng.uniform(0.2, 0.8, count)
    slope = np.reshape(tilts, (-1, 1)) + rng.normal(0, 0.12, count)
    bend = rng.normal(0, 0.15, count)
    x = middles[:, :1] + half * along
    y = middles[:, 1:] + half * (slope * along + bend * (1 - along**2))
    steps = 2 * half / len(along) / STEP_MM
    levels = np.reshape(levels_db, (-1, 1)) + rng.normal(0, 6, count)
    _reflect(pen, x, y, amplitude(levels) * steps * (1 - along**2))


def within_ovals(pen: Pen, outlines: Reals, counts: npt.NDArray[np.int64]) -> Floats:
    """Draw points (n, 2), `counts` of them evenly spread over each of these ovals (m, k, 2)."""
    middles, halves = outlines.mean(1), np.ptp(outlines, axis=1) / 2
    middles, halves = (np.repeat(values, counts, axis=0) for values in (middles, halves))
    radius = 0.92 * np.sqrt(pen.rng.uniform(size=len(middles)))
    turn = pen.rng.uniform(0, 2 * math.pi, len(middles))
    arms = np.stack([radius * np.cos(turn), radius * np.sin(turn)], 1)
    return np.asarray(middles + arms * halves, np.float32)


def within_band(pen: Pen, top: Reals, bottom: Reals, count: int) -> Floats:
    """Draw points (count, 2) between two lines that run along x together."""
    x = pen.rng.uniform(top[0, 0], top[-1, 0], count)
    upper, lower = (np.interp(x, line[:, 0], line[:, 1]) for line in (top, bottom))
    y = upper + pen.rng.uniform(0.05, 0.95, count) * (lower - upper)
    return np.stack([x, y], 1).astype(np.float32)


def _reflect(pen: Pen, x: Reals, y: Reals, echo: Reals) -> None:
    points = np.stack([x.ravel(), y.ravel()], 1)
    pen.reflectors.append(Reflector(points, echo.ravel().astype(np.float32), STILL, *ALWAYS))
