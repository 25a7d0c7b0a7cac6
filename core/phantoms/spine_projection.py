"""The clean projection of a back: soft tissue along the spine, bone on top, as far as was scanned.

A voxel column is averaged over depth, so that many independent speckles add up to one grey level:
what is left of them are the fibres of the back muscles, which run along the spine. Bone echoes
strongly at its surface, so transverse processes, ribs and laminae are bright; the spinous processes
stand up to the skin and shadow all below them, so the midline is dark.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from core.phantoms.bmode import Bytes, Floats
from core.phantoms.pen import shrunk
from core.phantoms.spine_anatomy import LUMBAR, RIB, THORACIC, Bone, Vertebra
from core.phantoms.spine_curve import Reals

_FRAME_MM = 1.5  # of scan between edges of the band that are independent
_EDGE_MM = 1.5  # over which the outer elements of the probe fade
_HALF_MM = 90.0  # of tissue drawn on each side of the spine
_GRID_MM = (1.0, 0.6)  # rows and columns of that drawing
# grey level of muscle by the distance from the midline: groove, erector spinae, its outer edge
_AWAY_MM = (0, 5, 9, 16, 28, 36, 46, _HALF_MM)
_MUSCLE = (58, 76, 116, 140, 132, 98, 58, 40)
_SHADOW, _SHADOW_MM = 56.0, 2.8  # of the spinous processes: depth and half width
# spread in grey levels, height and width in mm of the cells of texture: fibres, bundles, patches
_TEXTURE = ((2.0, 3.5, 1.1), (7.0, 22.0, 1.6), (8.0, 30.0, 7.0), (12.0, 80.0, 25.0))
_BONE = {RIB: 25.0, THORACIC: 37.0, LUMBAR: 48.0}  # grey levels that bone adds to muscle
_CORE_MM = 3.0  # in from its outline, bone is brighter again by half
_BLUR_MM = 1.5  # thickness of the imaged slice and errors of the tracker


@dataclass(frozen=True)
class Sweep:
    """The band of a back that a probe passed over.

    Attributes:
        start_mm: Where it begins, from the image's upper edge.
        end_mm: Where it ends.
        left_mm: Edge at each step of the image's height from 0 on.
        right_mm: The other edge.
    """

    start_mm: float
    end_mm: float
    left_mm: Reals
    right_mm: Reals

    def band(self, size: tuple[int, int], spacing_mm: float) -> Floats:
        """How much of each pixel's echo was received, 0 outside of the band to 1."""
        down, across = ((np.arange(side) + 0.5) * spacing_mm for side in size)
        step = (down / _FRAME_MM).astype(int).clip(max=len(self.left_mm) - 1)
        inside = np.minimum(
            across - self.left_mm[step, None], self.right_mm[step, None] - across
        ).astype(np.float32)
        inside[(down < self.start_mm) | (down > self.end_mm)] = 0
        return np.asarray((inside / _EDGE_MM).clip(0, 1), np.float32)


def draw_sweep(rng: np.random.Generator, vertebrae: list[Vertebra], height_mm: float) -> Sweep:
    """Draw a sweep that follows the spine, not quite, along an image of this height."""
    places = np.arange(0, height_mm, _FRAME_MM)
    x, y = np.array([vertebra.centre_mm for vertebra in vertebrae]).T
    spine = np.interp(places, y, x)
    middle = x.mean() + rng.uniform(0.6, 0.9) * (spine - x.mean())
    for waves in (1, 2, 3):
        phase = rng.uniform(0, 2 * math.pi)
        middle += rng.normal(0, 1.5) * np.sin(2 * math.pi * waves * places / height_mm + phase)
    half = rng.uniform(37, 43)
    left, right = (middle + side * half + rng.normal(0, 0.4, len(places)) for side in (-1, 1))
    return Sweep(rng.uniform(3, 7), height_mm - rng.uniform(3, 7), left, right)


def projection(
    rng: np.random.Generator,
    midline_mm: Reals,
    vertebrae: list[Vertebra],
    bones: list[Bone],
    band: Floats,
    spacing_mm: float,
) -> Bytes:
    """Render the image without structured noise, uint8 (rows, columns).

    Args:
        rng: Source of every random choice.
        midline_mm: Place of the spine on each row.
        vertebrae: Whose spinous processes shadow the midline.
        bones: In the order in which they overlap.
        band: How much of each pixel was received, float32 (rows, columns).
        spacing_mm: Side of a pixel.
    """
    grey = _bent(_soft_tissue(rng, vertebrae, len(band) * spacing_mm), midline_mm, band, spacing_mm)
    grey += _bone(rng, bones, band.shape, spacing_mm)
    return np.asarray(cv2.multiply(grey, band, dtype=cv2.CV_8U))


def _soft_tissue(rng: np.random.Generator, vertebrae: list[Vertebra], height_mm: float) -> Floats:
    """Muscle along a straight spine on a coarse grid, grey levels."""
    down = np.arange(0, height_mm + _GRID_MM[0], _GRID_MM[0])
    across = np.arange(-_HALF_MM, _HALF_MM, _GRID_MM[1])
    size = len(down), len(across)
    grey = np.tile(np.interp(np.abs(across), _AWAY_MM, _MUSCLE).astype(np.float32), (size[0], 1))
    for spread, high_mm, wide_mm in _TEXTURE:
        cells = math.ceil(height_mm / high_mm) + 1, math.ceil(2 * _HALF_MM / wide_mm) + 1
        noise = rng.normal(0, spread, cells).astype(np.float32)
        grey += cv2.resize(noise, size[::-1], interpolation=cv2.INTER_CUBIC)
    depth = _SHADOW * (1 + _spinous(rng, vertebrae, down))
    grey -= depth[:, None] * np.exp(-((across / _SHADOW_MM) ** 2) / 2)
    return np.asarray(grey, np.float32)


def _spinous(rng: np.random.Generator, vertebrae: list[Vertebra], down_mm: Reals) -> Reals:
    """How the shadow of the midline varies: deeper below each spinous process."""
    places = np.array([vertebra.centre_mm[1] for vertebra in vertebrae])
    strength = rng.normal(0.25, 0.08, len(places))
    widths = np.array([vertebra.height_mm for vertebra in vertebrae]) * 0.3
    return np.asarray(np.exp(-(((down_mm[:, None] - places) / widths) ** 2)) @ strength - 0.15)


def _bent(straight: Floats, midline_mm: Reals, band: Floats, spacing_mm: float) -> Floats:
    """Bend what was drawn along a straight spine so that it follows the midline."""
    rows, columns = band.shape
    down = ((np.arange(rows) + 0.5) * spacing_mm / _GRID_MM[0]).astype(np.float32)
    lean = np.cos(np.arctan(np.gradient(midline_mm, spacing_mm)))
    away = (np.arange(columns) + 0.5) * spacing_mm - midline_mm[:, None]
    across = ((away * lean[:, None] + _HALF_MM) / _GRID_MM[1]).astype(np.float32)
    place = np.ascontiguousarray(np.broadcast_to(down[:, None], band.shape))
    return np.asarray(cv2.remap(straight, across, place, cv2.INTER_LINEAR))


def _bone(
    rng: np.random.Generator, bones: list[Bone], size: tuple[int, ...], spacing_mm: float
) -> Floats:
    """Grey levels that bone adds: bright cores, soft edges."""
    echo = np.zeros(size, np.uint8)
    for bone in bones:
        level = _BONE[bone.kind] * float(rng.lognormal(0, 0.15))
        for outline, share in ((bone.outline, 0.65), (shrunk(bone.outline, _CORE_MM), 1.0)):
            corners = np.rint(outline * 16 / spacing_mm).astype(np.int32)
            cv2.fillPoly(echo, [corners], round(level * share), shift=4)
    return np.asarray(cv2.GaussianBlur(echo.astype(np.float32), (0, 0), _BLUR_MM / spacing_mm))
