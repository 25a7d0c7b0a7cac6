"""The midline of a spine, between the bone features at its two sides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from core.checks import require
from core.shapes.masses import Mask, find_masses

if TYPE_CHECKING:
    from scipy.interpolate import CubicSpline

FloatArray = NDArray[np.float64]

SQUARE_MM: Final = (1.0, 1.0)
FEWEST_MASSES: Final = 6  # three vertebrae: fewer make no curve that could be measured

_KNOTS: Final = 8  # of the midline: enough for the three curves of a spine
_STARTS: Final = (2, 3, 4, 5, 8)  # knots of the lines that the fits begin with
_ROUNDS: Final = 10
_CRUMB: Final = 0.05  # of the largest mass's area
_TUKEY: Final = 4.685  # robust standard deviations: residuals beyond count for nothing
_SAMPLES: Final = 400


@dataclass(frozen=True, kw_only=True, eq=False)
class Midline:
    """The course of a spine in the image plane, from its topmost to its lowest feature.

    Attributes:
        y_mm: Distance from the image's upper edge (N,), rising.
        x_mm: Distance from its left edge (N,).
        tilt_deg: Angle of the tangent to the vertical (N,), -90..90, positive where the spine runs
            to the right on its way down.
    """

    y_mm: FloatArray
    x_mm: FloatArray
    tilt_deg: FloatArray

    @property
    def angle_deg(self) -> float:
        """Largest tilt minus smallest."""
        return float(np.ptp(self.tilt_deg))


def find_midline(
    mask: Mask, *, classes: Sequence[int] = (2, 3), spacing_mm: Sequence[float] = SQUARE_MM
) -> Midline | None:
    """Find the line that has the features of some classes on both of its sides.

    A run of feature pixels in a row y has its middle at

        x = m(y) + s d(y) sqrt(1 + m'(y)^2),    s = -1 or 1,

    where m is the midline, a natural cubic spline of 8 knots, and d half the distance between left
    and right features, linear in y and of each class its own; the root is there because a pair lies
    across the spine, not across the image. Line and sides are estimated in turns, by least squares
    reweighted after Tukey's biweight, from lines of 2 to 8 knots that know of no sides yet; the
    line that leaves the least is taken. So a feature that is missing at one side does not pull the
    line to the other, and crumbs elsewhere do not count.

    Args:
        mask: (H, W) uint8 class indices.
        classes: Those of the features.
        spacing_mm: Distance of rows and of columns; where one is NaN, pixels count as square, and
            positions are in rows rather than in mm.

    Returns:
        None where the classes have fewer than six masses, or all lie in one row; masses of less
        than a twentieth of their class's largest are left out.

    Raises:
        InputError: If a spacing is not positive.
    """
    spacing = np.asarray(spacing_mm, dtype=np.float64)
    spacing = np.asarray(SQUARE_MM) if np.isnan(spacing).any() else spacing
    require((spacing > 0).all(), "spacing_mm", "positive numbers", spacing_mm)
    masks = [_without_crumbs(mask == label) for label in classes]
    if sum(count for _, count in masks) < FEWEST_MASSES:
        return None
    runs = _find_runs([inside for inside, _ in masks], spacing)
    return _fit(runs) if np.ptp(runs.y) > 0 else None


@dataclass(frozen=True, kw_only=True, eq=False)
class _Runs:
    """Runs of feature pixels in the rows of a mask.

    Attributes:
        x, y: Middle of each run (N,), mm.
        length: Its length (N,), so that each pixel of a feature counts alike.
        kind: Number of its class (N,), from 0.
    """

    x: FloatArray
    y: FloatArray
    length: FloatArray
    kind: FloatArray


def _without_crumbs(inside: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], int]:
    """Return where the masses are that are not crumbs, and how many."""
    found = find_masses(inside.astype(np.uint8), min_share=_CRUMB)
    return found.labels > 0, found.count


def _find_runs(masks: Sequence[NDArray[np.bool_]], spacing: FloatArray) -> _Runs:
    """Return the runs in all rows of the masks, one a class."""
    parts = []
    for kind, inside in enumerate(masks):
        steps = np.diff(inside.astype(np.int8), axis=1, prepend=0, append=0)
        rows, starts = np.nonzero(steps > 0)
        ends = np.nonzero(steps < 0)[1]
        parts.append([(starts + ends) / 2, rows + 0.5, ends - starts, np.full(len(rows), kind)])
    x, y, length, kinds = np.concatenate(parts, axis=1)
    return _Runs(x=x * spacing[1], y=y * spacing[0], length=length * spacing[1], kind=kinds)


def _fit(runs: _Runs) -> Midline:
    """Fit from several beginnings, and take the line that leaves the least."""
    ends = (float(runs.y.min()), float(runs.y.max()))
    tries = [_fit_in_turns(runs, ends, start) for start in _STARTS]
    line, _ = min(tries, key=lambda tried: tried[1])
    y, spline = np.linspace(*ends, _SAMPLES), _spline(ends, _KNOTS)
    tilt = np.degrees(np.arctan(spline(y, 1) @ line))
    return Midline(y_mm=y, x_mm=spline(y) @ line, tilt_deg=tilt)


def _fit_in_turns(runs: _Runs, ends: tuple[float, float], start: int) -> tuple[FloatArray, float]:
    """Return the midline's places at its knots, and the mean residual over all pixels.

    The line gains a knot a round until it has them all.
    """
    trust, slope = np.ones_like(runs.x), np.zeros_like(runs.x)
    first = _spline(ends, start)(runs.y)
    middle = first @ _least_squares(first, runs.x, runs.length)
    for turn in range(_ROUNDS):
        spline = _spline(ends, knots := min(start + turn, _KNOTS))
        sides = np.sign(runs.x - middle) * np.hypot(1, slope)
        design = np.hstack([spline(runs.y), _distance_columns(sides, runs, ends)])
        fitted = _least_squares(design, runs.x, runs.length * trust)
        residuals = runs.x - design @ fitted
        line, trust = fitted[:knots], _biweight(residuals)
        middle, slope = spline(runs.y) @ line, spline(runs.y, 1) @ line
    return line, float(np.average(np.abs(residuals), weights=runs.length))


def _spline(ends: tuple[float, float], knots: int) -> CubicSpline:
    """Return the natural cubic splines (knots,) that are 1 at one of the knots, 0 at the others."""
    from scipy.interpolate import CubicSpline  # takes a while, and most runs need none

    return CubicSpline(np.linspace(*ends, knots), np.eye(knots), bc_type="natural")


def _distance_columns(sides: FloatArray, runs: _Runs, ends: tuple[float, float]) -> FloatArray:
    """Return the columns of d: for each class its values at the line's two ends."""
    down = (runs.y - ends[0]) / (ends[1] - ends[0])
    of = runs.kind[:, None] == np.unique(runs.kind)
    return np.hstack([of * (sides * share)[:, None] for share in (1 - down, down)])


def _least_squares(design: FloatArray, values: FloatArray, weights: FloatArray) -> FloatArray:
    """Solve the normal equations; what the data do not determine becomes 0."""
    weighted = design.T * weights
    return np.asarray(np.linalg.lstsq(weighted @ design, weighted @ values)[0], np.float64)


def _biweight(residuals: FloatArray) -> FloatArray:
    """Return Tukey's weights, 0..1, for residuals in mm."""
    scale = _TUKEY * 1.4826 * float(np.median(np.abs(residuals)))
    return np.asarray(np.clip(1 - (residuals / max(scale, 1e-6)) ** 2, 0, 1) ** 2)
