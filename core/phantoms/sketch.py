"""Tissue as a drawing in mm, and its maps on a grid of pixels.

A sketch holds filled regions of scatterers and smooth lines that reflect. Points are (x, y): x to the
right of the image's centre line, y down from the skin. Everything may drift along the probe's sweep.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from core.phantoms.bmode import Floats, amplitude

STEP_MM = 0.2  # between the points of a reflector
COARSE = 4  # pixels to a cell of the attenuation map
_FRACTION = 4  # fractional bits of the corners that OpenCV fills between
_LOWEST_DB, _CODES_PER_DB = -84.0, 3.0  # echogenicity is painted in bytes
_MIDDLE = 36  # the byte that stands for 0 dB of texture
_AMPLITUDES = amplitude((np.arange(256) - _MIDDLE) / _CODES_PER_DB + _LOWEST_DB)
_FAR_MM = 1e6


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
    met_mm: float = 0.0
    stay_mm: float = _FAR_MM


@dataclass(frozen=True)
class Maps:
    """What a scanner is given; all float32 or bytes on the pixel grid, attenuation on a coarse one."""

    codes: npt.NDArray[np.uint8]
    attenuation: Floats
    reflectors: Floats

    @classmethod
    def blank(cls, size: tuple[int, int], level_db: float) -> Maps:
        """Maps of uniform tissue, (rows, columns)."""
        coarse = tuple(-(-side // COARSE) for side in size)
        return cls(
            np.full(size, _code(level_db), np.uint8),
            np.zeros(coarse, np.float32),
            np.zeros(size, np.float32),
        )

    def tissue(self, texture: npt.NDArray[np.uint8]) -> Floats:
        """Linear amplitude of the scatterers: levels with soft edges, plus texture in dB, see `encoded`."""
        soft = cv2.GaussianBlur(self.codes, (5, 5), 0.9)
        return np.asarray(cv2.LUT(cv2.add(soft, texture), _AMPLITUDES))


def encoded(texture_db: Floats) -> npt.NDArray[np.uint8]:
    """Texture around 0 dB as bytes that `Maps.tissue` adds."""
    return np.clip(np.rint(texture_db * _CODES_PER_DB) + _MIDDLE, 0, 2 * _MIDDLE).astype(np.uint8)


class Sketch:
    """Regions, painted in order, and reflectors, added up, packed for fast painting."""

    def __init__(self, regions: list[Region], reflectors: list[Reflector]) -> None:
        sizes = [len(r.outline) for r in regions] + [len(r.points) for r in reflectors]
        drifts = [r.drift for r in regions] + [r.drift for r in reflectors]
        self.regions = regions
        self.points = np.concatenate([r.outline for r in regions] + [r.points for r in reflectors]).astype(np.float32)
        self.drift = np.repeat(np.array(drifts, np.float32), sizes, axis=0)
        self.ends = np.cumsum(sizes[: len(regions)])
        counts = sizes[len(regions) :]
        self.strength = np.concatenate([r.strength for r in reflectors]).astype(np.float32)
        self.met = np.repeat(np.array([r.met_mm for r in reflectors], np.float32), counts)
        self.stay = np.repeat(np.array([r.stay_mm for r in reflectors], np.float32), counts)

    def paint(
        self, maps: Maps, place: Callable[[Floats], Floats], *, sweep_mm: float, step_px: float, fade: float = 1.0
    ) -> None:  # fmt: skip
        """Paint the sketch onto maps as the probe sees it at one place of its sweep.

        Args:
            maps: Painted onto.
            place: From points in mm to (column, row) in pixels.
            sweep_mm: Where the probe is.
            step_px: STEP_MM in pixels.
            fade: 1 paints in full, 0 not at all.
        """
        pixels = place(self.points + np.float32(sweep_mm) * self.drift)
        corners = (pixels[: self.ends[-1]] * (1 << _FRACTION)).astype(np.int32)
        for region, outline in zip(self.regions, np.split(corners, self.ends[:-1]), strict=True):
            cv2.fillPoly(maps.codes, [outline], _code(region.level_db), shift=_FRACTION)
            if region.absorption:
                cv2.fillPoly(maps.attenuation, [outline // COARSE], region.absorption * fade, shift=_FRACTION)
        stay = np.exp(-(((sweep_mm - self.met) / self.stay) ** 2))
        _splat(maps.reflectors, pixels[self.ends[-1] :], self.strength * stay * np.float32(step_px * fade))


def _code(level_db: float) -> int:
    return round((level_db - _LOWEST_DB) * _CODES_PER_DB)


def _splat(image: Floats, points: Floats, weights: Floats) -> None:
    """Add weights at points (column, row), each shared among its four pixels; outside is lost."""
    rows, columns = image.shape
    x, y = points.T
    inside = (x >= 0) & (y >= 0) & (x < columns - 1) & (y < rows - 1)
    x, y, weights = x[inside], y[inside], weights[inside]
    column, row = x.astype(np.int32), y.astype(np.int32)
    right, low = x - column, y - row
    first, lower = row * columns + column, weights * low
    upper = weights - lower
    places = np.concatenate([first, first + 1, first + columns, first + columns + 1])
    parts = np.concatenate([upper - upper * right, upper * right, lower - lower * right, lower * right])
    image += np.bincount(places, parts, rows * columns).reshape(image.shape)
