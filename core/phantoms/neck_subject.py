"""One subject of the neck phantom: anatomy, texture, settings of the scanner, hand on the probe."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.phantoms.bmode import Bytes, Floats, Scanner
from core.phantoms.labels import Annotator
from core.phantoms.motion import MOST_SHIFT_MM, Motion
from core.phantoms.neck_anatomy import Anatomy, draw_neck
from core.phantoms.organs import BASE_DB, FLUID_DB
from core.phantoms.sketch import STEP_MM, Maps, filled
from core.phantoms.speckle import scatterers
from core.phantoms.texture import draw_texture

SLICE_MM = 1.0  # thickness of the imaged slice: speckle is new after this way
_ANNOTATOR = Annotator(size=0.04, dents=0.02, shift_mm=0.15)


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
        return self.scanner.image(tissue, field, maps.reflectors(FLUID_DB), maps.passed(spacing_mm))

    def outline(self, sweep_mm: float, rng: np.random.Generator) -> Bytes:
        """Mask of the plexus as a human outlines it: 1 inside, uint8 (rows, columns)."""
        contour = self.anatomy.contour + np.float32(sweep_mm) * self.anatomy.drift
        drawn = _ANNOTATOR.drawn(contour, rng)
        return filled([self._placer(sweep_mm)(drawn)], self.size)

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
    wide = size[0], size[1] + 2 * _margin_px(spacing_mm)
    return NeckSubject(key, size, anatomy, scanner, draw_texture(rng, wide, spacing_mm), motion)


def _margin_px(spacing_mm: float) -> int:
    return math.ceil(MOST_SHIFT_MM / spacing_mm)
