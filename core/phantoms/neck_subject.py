"""One subject of the neck phantom: anatomy, texture, settings of the scanner, hand on the probe."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from core.phantoms.bmode import Floats, Scanner, transmission
from core.phantoms.motion import MOST_SHIFT_MM, Motion
from core.phantoms.neck_anatomy import Anatomy, draw_neck
from core.phantoms.organs import BASE_DB, FLUID_DB
from core.phantoms.sketch import COARSE, STEP_MM, Maps, encoded
from core.phantoms.speckle import scatterers

Bytes = npt.NDArray[np.uint8]
SLICE_MM = 1.0  # thickness of the imaged slice: speckle is new after this way
# spread in dB, height and width in mm of the cells of texture: streaks, clumps, patches
TEXTURE = ((3.5, 0.3, 2.2), (2.5, 1.0, 3.0), (4.0, 4.0, 8.0))


@dataclass(frozen=True)
class NeckSubject:
    """What stays the same through the sweep over one neck.

    Attributes:
        key: (seed, number), which names the scatterers.
        size: Rows and columns of a frame.
        anatomy: Where everything lies.
        scanner: Settings of the scanner.
        texture: Unevenness of the tissue, coded as `Maps.tissue` takes it, wider than a frame.
        motion: How the probe is held.
    """

    key: tuple[int, int]
    size: tuple[int, int]
    anatomy: Anatomy
    scanner: Scanner
    texture: Bytes
    motion: Motion

    def image(self, sweep_mm: float, plexus: float) -> Bytes:
        """Render a frame, uint8 (rows, columns).

        Args:
            sweep_mm: How far the probe has moved.
            plexus: How clearly the plexus shows: 1 in full, 0 not at all.
        """
        maps, spacing_mm = self._maps(sweep_mm, plexus), self.scanner.spacing_mm
        right = round(self.motion.shift_mm(sweep_mm) / spacing_mm)
        left = _margin_px(spacing_mm) - right
        tissue = maps.tissue(self.texture[:, left : left + self.size[1]])
        field = scatterers(self.size, self.key, elevation=sweep_mm / SLICE_MM, shift=right)
        passed = cv2.resize(transmission(maps.attenuation, COARSE * spacing_mm), self.size[::-1])
        return self.scanner.image(tissue, field, maps.reflectors(FLUID_DB), passed)

    def outline(self, sweep_mm: float, rng: np.random.Generator) -> Bytes:
        """Mask of the plexus as a human outlines it: 1 inside, uint8 (rows, columns)."""
        contour = self.anatomy.contour + np.float32(sweep_mm) * self.anatomy.drift
        mask = np.zeros(self.size, np.uint8)
        corners = self._placer(sweep_mm)(_by_hand(contour, rng))
        cv2.fillPoly(mask, [(corners * 16).astype(np.int32)], 1, shift=4)
        return mask

    def _maps(self, sweep_mm: float, plexus: float) -> Maps:
        maps, place = Maps(self.size, BASE_DB), self._placer(sweep_mm)
        step_px = STEP_MM / self.scanner.spacing_mm
        self.anatomy.tissue.paint(maps, place, sweep_mm=sweep_mm, step_px=step_px)
        if plexus:
            self.anatomy.plexus.paint(
                maps, place, sweep_mm=sweep_mm, step_px=step_px, strength=plexus
            )
        return maps

    def _placer(self, sweep_mm: float) -> Callable[[Floats], Floats]:
        return self.motion.place(sweep_mm, self.size, self.scanner.spacing_mm)


def draw_subject(key: tuple[int, int], size: tuple[int, int], spacing_mm: float) -> NeckSubject:
    """Draw subject (seed, number) for frames of this size."""
    rng = np.random.default_rng(key)
    scanner = Scanner(
        spacing_mm=spacing_mm,
        focus_mm=rng.uniform(8, 20),
        noise_db=rng.uniform(-76, -64),
        residual_db_cm=rng.uniform(3, 12),
        dynamic_range_db=rng.uniform(72, 84),
        gain_db=rng.uniform(4, 13),
        gamma=2.0,
        smoothing_mm=(rng.uniform(0.04, 0.08), rng.uniform(0.12, 0.25)),
    )
    motion = Motion(tuple(rng.uniform(0, 2 * math.pi, 5)), mirrored=bool(rng.integers(2)))
    anatomy = draw_neck(rng, reach=size[1] * spacing_mm / 2 + 2 * MOST_SHIFT_MM)
    return NeckSubject(key, size, anatomy, scanner, _draw_texture(rng, size, spacing_mm), motion)


def _draw_texture(rng: np.random.Generator, size: tuple[int, int], spacing_mm: float) -> Bytes:
    wide = size[0], size[1] + 2 * _margin_px(spacing_mm)
    texture = np.zeros(wide, np.float32)
    for spread_db, height_mm, width_mm in TEXTURE:
        rows = math.ceil(wide[0] * spacing_mm / height_mm)
        columns = math.ceil(wide[1] * spacing_mm / width_mm)
        cells = rng.normal(0, spread_db, (rows, columns)).astype(np.float32)
        texture += cv2.resize(cells, wide[::-1], interpolation=cv2.INTER_CUBIC)
    return encoded(texture)


def _margin_px(spacing_mm: float) -> int:
    return math.ceil(MOST_SHIFT_MM / spacing_mm)


def _by_hand(contour: Floats, rng: np.random.Generator) -> Floats:
    """A contour as drawn by hand: a little off, too large or too small, and dented."""
    turn = np.linspace(0, 2 * math.pi, len(contour), endpoint=False)
    size = np.full(len(contour), 1 + rng.normal(0, 0.04))
    for order in (2, 3, 4):
        size += rng.normal(0, 0.02) * np.sin(order * turn + rng.uniform(0, 2 * math.pi))
    middle = contour.mean(axis=0)
    drawn = middle + (contour - middle) * size[:, None] + rng.normal(0, 0.15, 2)
    return np.asarray(drawn, np.float32)
