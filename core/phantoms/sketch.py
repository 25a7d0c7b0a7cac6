"""Tissue as a drawing in mm, and its maps on a grid of pixels.

A sketch holds filled regions of scatterers and smooth lines that reflect. Points are (x, y): x to
the right of the image's centre line, y down from the skin. All may drift along the probe's sweep.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from core.phantoms.bmode import Bytes, Floats, amplitude, transmission

STEP_MM = 0.2  # between the points of a reflector
COARSE = 4  # pixels to a cell of the attenuation map
_FRACTION = 4  # fractional bits of the corners that OpenCV fills between
_LOWEST_DB, _CODES_PER_DB = -84.0, 3.0  # echogenicity is painted in bytes
_MIDDLE = 36  # the byte that stands for 0 dB of texture
_AMPLITUDES = amplitude((np.arange(256) - _MIDDLE) / _CODES_PER_DB + _LOWEST_DB)
_FAINT = 5e-4  # amplitude that is lost in the grain of tissue


@dataclass(frozen=True)
class Region:
    """A closed outline (n, 2) in mm, filled with scatterers.

    `drift` is the movement in mm for each mm of sweep, (2,); `absorption` the attenuation in dB/mm
    (one way) beyond that of other tissue.
    """

    outline: Floats
    level_db: float
    drift: Floats
    absorption: float = 0.0


@dataclass(frozen=True)
class Reflector:
    """Points (n, 2) in mm, STEP_MM apart, with linear amplitudes (n,).

    It is met around the place `met_mm` of the sweep and is gone `stay_mm` further on.
    """

    points: Floats
    strength: Floats
    drift: Floats
    met_mm: float
    stay_mm: float


class Maps:
    """Maps of the tissue on the pixel grid, which sketches are painted onto.

    Args:
        size: Rows and columns.
        level_db: Echogenicity of the ground.
    """

    def __init__(self, size: tuple[int, int], level_db: float) -> None:
        self.codes = np.full(size, _code(level_db), np.uint8)
        self.attenuation = np.zeros([-(-side // COARSE) for side in size], np.float32)
        self._points: list[Floats] = []
        self._weights: list[Floats] = []

    def fill(self, regions: list[Region], outlines: Floats, strength: float) -> None:
        """Fill regions; outlines holds those of all in one array (n, 2) of columns and rows."""
        corners, start = np.ascontiguousarray(outlines * (1 << _FRACTION), np.int32), 0
        for region in regions:
            outline = corners[start : (start := start + len(region.outline))]
            cv2.fillPoly(self.codes, [outline], _code(region.level_db), shift=_FRACTION)
            if region.absorption:
                coarse, absorption = outline // COARSE, region.absorption * strength
                cv2.fillPoly(self.attenuation, [coarse], absorption, shift=_FRACTION)

    def reflect(self, points: Floats, weights: Floats) -> None:
        """Add reflecting points, (n, 2) columns and rows, with linear amplitudes (n,)."""
        self._points.append(points)
        self._weights.append(weights)

    def hide(self, outlines: list[Floats]) -> None:
        """Take the reflectors painted so far away from inside outlines (n, 2), columns and rows."""
        covered = filled(outlines, self.codes.shape)
        for points, weights in zip(self._points, self._weights, strict=True):
            column, row = (points + 0.5).astype(np.int32).T
            rows, columns = covered.shape
            seen = covered[row.clip(0, rows - 1), column.clip(0, columns - 1)]
            weights *= 1 - seen

    def reflectors(self, fluid_db: float) -> Floats:
        """Coherent echo, float32 (rows, columns); none in what is darker than this level.

        Each point is shared among its four pixels; what lies outside is lost.
        """
        rows, columns = self.codes.shape
        weights = np.concatenate(self._weights)
        x, y = (np.concatenate([p[:, axis] for p in self._points]) for axis in (0, 1))
        seen = (weights > _FAINT) & (x >= 0) & (y >= 0) & (x < columns - 1) & (y < rows - 1)
        x, y, weights = x[seen], y[seen], weights[seen]
        column, row = x.astype(np.int32), y.astype(np.int32)
        first, lower = row * columns + column, weights * (y - row)
        upper, right = weights - lower, x - column
        shares = [upper - upper * right, upper * right, lower - lower * right, lower * right]
        pixels = [first, first + 1, first + columns, first + columns + 1]
        echo = np.bincount(np.concatenate(pixels), np.concatenate(shares), rows * columns)
        image = echo.astype(np.float32).reshape(rows, columns)
        image[self.codes < _code(fluid_db)] = 0
        return image

    def tissue(self, texture: Bytes) -> Floats:
        """Linear amplitude of the scatterers: levels with soft edges, plus `encoded` texture."""
        soft = cv2.GaussianBlur(self.codes, (5, 5), 0.9)
        return np.asarray(cv2.LUT(cv2.add(soft, texture), _AMPLITUDES))

    def passed(self, spacing_mm: float) -> Floats:
        """What comes back from each place through the tissue above, see `bmode.transmission`."""
        rows, columns = self.codes.shape
        return np.asarray(
            cv2.resize(transmission(self.attenuation, COARSE * spacing_mm), (columns, rows))
        )


def filled(outlines: Sequence[Floats], size: tuple[int, int]) -> Bytes:
    """Mask of closed outlines, each (n, 2) columns and rows: 1 inside, uint8 (rows, columns)."""
    mask = np.zeros(size, np.uint8)
    for outline in outlines:
        cv2.fillPoly(mask, [(outline * 16).astype(np.int32)], 1, shift=4)
    return mask


def encoded(texture_db: Floats) -> Bytes:
    """Texture around 0 dB as bytes that `Maps.tissue` adds."""
    codes = np.rint(texture_db * _CODES_PER_DB) + _MIDDLE
    return np.asarray(np.clip(codes, 0, 2 * _MIDDLE), np.uint8)


class Sketch:
    """Regions, painted in order, and reflectors, added up, packed for fast painting."""

    def __init__(self, regions: list[Region], reflectors: list[Reflector]) -> None:
        self._regions = regions
        self._outlines, self._outline_drift, _ = _packed([(r.outline, r.drift) for r in regions])
        self._points, self._drift, self._sizes = _packed([(r.points, r.drift) for r in reflectors])
        self._strength = np.concatenate([r.strength for r in reflectors]).astype(np.float32)
        self._met_mm = np.array([r.met_mm for r in reflectors], np.float32)
        self._stay_mm = np.array([r.stay_mm for r in reflectors], np.float32)

    def paint(
        self,
        maps: Maps,
        place: Callable[[Floats], Floats],
        *,
        sweep_mm: float,
        step_px: float,
        strength: float = 1.0,
    ) -> None:
        """Paint the sketch onto maps as the probe sees it at one place of its sweep.

        Args:
            maps: Painted onto.
            place: From points in mm to (column, row) in pixels.
            sweep_mm: Where the probe is.
            step_px: STEP_MM in pixels.
            strength: Of the reflectors and of attenuation: 1 in full, 0 not at all.
        """
        outlines = place(self._outlines + np.float32(sweep_mm) * self._outline_drift)
        maps.fill(self._regions, outlines, strength)
        stay = np.exp(-(((sweep_mm - self._met_mm) / self._stay_mm) ** 2))
        weights = self._strength * np.repeat(stay * np.float32(step_px * strength), self._sizes)
        maps.reflect(place(self._points + np.float32(sweep_mm) * self._drift), weights)

    def hide(self, maps: Maps, place: Callable[[Floats], Floats]) -> None:
        """Take away what reflects on the maps where this sketch's regions are going to lie."""
        outlines = place(self._outlines)
        ends = np.cumsum([len(region.outline) for region in self._regions])
        maps.hide(np.split(outlines, ends[:-1]))


def _packed(parts: list[tuple[Floats, Floats]]) -> tuple[Floats, Floats, list[int]]:
    """Points of all parts, the drift of each point, and the number of points in each part.

    In Fortran order: a column of x, a column of y.
    """
    sizes = [len(points) for points, _ in parts]
    points = np.concatenate([points for points, _ in parts])
    drift = np.repeat([drift for _, drift in parts], sizes, axis=0)
    return (
        np.asarray(points, np.float32, order="F"),
        np.asarray(drift, np.float32, order="F"),
        sizes,
    )


def _code(level_db: float) -> int:
    return round((level_db - _LOWEST_DB) * _CODES_PER_DB)
