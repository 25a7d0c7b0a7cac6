"""One cine of a heart: the chambers that a plane cuts, beating, as grey levels on the screen."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from core.phantoms.bmode import Bytes, Floats, amplitude
from core.phantoms.heart.cycle import beat_at
from core.phantoms.heart.machines import HeartMachine
from core.phantoms.heart.model import Heart
from core.phantoms.heart.motion import material, uneven
from core.phantoms.heart.sector import sector_of
from core.phantoms.heart.tissue import LIVER_DB, LUNG_DB, Tissue, tissue_at
from core.phantoms.heart.views import Plane
from core.phantoms.speckle import scatterers

_CELLS = 128  # sides of the block of scatterers, a power of two: tissue repeats beyond it
_CHEST_DB, _CLUTTER_DB = -26.0, -36.0
_SWAY_MM, _BREATH_S = 1.5, 4.2


class Scan:
    """A probe held on a heart.

    Args:
        heart: The heart.
        plane: Where the probe is held.
        machine: What it is plugged into.
        scale: Of the screen's sides.
        key: Names the cine's random choices.

    Attributes:
        phase: Share of the beat at frame 0.
    """

    def __init__(
        self, heart: Heart, plane: Plane, machine: HeartMachine, scale: float, key: tuple[int, ...]
    ) -> None:
        self.heart, self.plane, self.key = heart, plane, key
        self.sector = sector_of(machine, scale)
        samples, beams = self.sector.grid
        rng = np.random.default_rng(key)
        self.phase = float(rng.random())
        self._points = self.sector.points(plane)
        self._breath = float(rng.random())
        self._surroundings = self._around(rng)
        self._passed = self._windows(rng)
        sample_mm = plane.depth_mm / samples
        self._cell_mm = max(0.5, 1.1 * sample_mm)
        self._offset = rng.integers(0, _CELLS, (3, 1)) * self._cell_mm
        self._scanner = machine.scanner(sample_mm, beams, float(rng.normal(0, 2.5)))
        self._noise = float(amplitude(machine.noise_db)) * float(np.sqrt(0.5))
        self._clutter = self._near_field(rng)

    def image(self, seconds: float, frame: int) -> Bytes:
        """Grey levels on the screen at a time, uint8 (rows, columns); `frame` names the noise."""
        level, places = self._fine(seconds)
        echoes = self._scanner.echoes(amplitude(level), self._field(places), None, self._passed)
        echoes += self._clutter
        echoes += scatterers(self.sector.grid, (*self.key, frame)) * np.float32(self._noise)
        grey = self._scanner.compress(self._scanner.power(echoes))
        return self.sector.screen(grey)

    def tissue(self, seconds: float) -> tuple[Tissue, Floats]:
        """Tissue of the coarse samples at a time, and where it was at the end of diastole."""
        beat = beat_at(self.beats(seconds))
        sway = _SWAY_MM * np.sin(2 * np.pi * (seconds / _BREATH_S + self._breath))
        points = self._points + (sway * self.plane.right).astype(np.float32)[:, None]
        places = material(self.heart, points, beat.contraction)
        return tissue_at(self.heart, uneven(self.heart, places), beat, self._surroundings), places

    def beats(self, seconds: float) -> float:
        """Number of beats since an R wave, at a time."""
        return self.phase + seconds * self.heart.rate_bpm / 60

    def _fine(self, seconds: float) -> tuple[Floats, Floats]:
        """Level in dB (samples, beams) and end-diastolic place (samples, beams, 3)."""
        found, places = self.tissue(seconds)
        level = found.level_db + self._facing(found)
        stack = np.concatenate([level[None], places]).reshape(4, *self.sector.coarse)
        samples, beams = self.sector.grid
        fine = cv2.resize(np.ascontiguousarray(stack.transpose(1, 2, 0)), (beams, samples))
        return np.ascontiguousarray(fine[..., 0]), fine[..., 1:]

    def _facing(self, found: Tissue) -> Floats:
        """Echo more of what faces the beam, and less of what lies along it, in dB."""
        samples, _ = self.sector.coarse
        surface = found.surface_mm.reshape(self.sector.coarse)
        slope = np.gradient(surface, self.plane.depth_mm / samples, axis=0)
        wall = (found.heart_mm < 3) & (found.surface_mm > -1)
        return np.asarray(np.where(wall, 13 * np.minimum(np.abs(slope.ravel()), 1) - 8, 0))

    def _field(self, places: Floats) -> Floats:
        """Scatterers (samples, 2, beams) that went along with their tissue."""
        cells = (places + self._offset[:, 0].astype(np.float32)) / np.float32(self._cell_mm)
        index = np.floor(cells).astype(np.int32) & (_CELLS - 1)
        flat = (index[..., 0] * _CELLS + index[..., 1]) * _CELLS + index[..., 2]
        samples, beams = self.sector.grid
        field = np.empty((samples, 2, beams), np.float32)
        for part, block in enumerate(_block()):
            np.take(block, flat, out=field[:, part], mode="clip")
        return field

    def _around(self, rng: np.random.Generator) -> Floats:
        """Level in dB of what lies around the heart, at the coarse samples."""
        samples, beams = self.sector.coarse
        reach = (np.arange(samples)[:, None] + 0.5) / samples * self.plane.depth_mm
        patches = rng.normal(0, 5, (14, 10)).astype(np.float32)
        coarse = cv2.resize(patches, (beams, samples), interpolation=cv2.INTER_CUBIC)
        level = LUNG_DB + coarse
        if self.plane.liver:
            near = np.clip((0.55 * self.plane.depth_mm - reach) / 20 + 0.5, 0, 1)
            level += near * (LIVER_DB - LUNG_DB - 0.7 * coarse)
        chest = _CHEST_DB + 5 * np.sin(reach * 1.6)
        near = np.clip((self.plane.chest_mm - reach) / 3 + 0.5, 0, 1)
        return np.asarray(level + near * (chest - level), np.float32).ravel()

    def _windows(self, rng: np.random.Generator) -> Floats:
        """What comes back through ribs and lung at the sides of the fan, (samples, beams)."""
        samples, beams = self.sector.grid
        angle = self.sector.angles(beams) / self.sector.half
        loss = cv2.resize(rng.normal(0, 2.5, (1, 9)).astype(np.float32), (beams, 1))[0]
        for side in (-1, 1):
            if rng.random() < 0.5:
                edge = rng.uniform(0.55, 0.95)
                loss += rng.uniform(-30, -8) * np.clip((side * angle - edge) / 0.12 + 0.5, 0, 1)
        depth = np.arange(samples)[:, None] / samples
        return amplitude(loss * np.minimum(1, depth * 4) - rng.uniform(2, 9) * depth)

    def _near_field(self, rng: np.random.Generator) -> Floats:
        """Reverberations near the probe, which stay in place; (samples, 2, beams)."""
        samples, _ = self.sector.grid
        reach = np.arange(samples)[:, None] / samples * self.plane.depth_mm
        level = _CLUTTER_DB - reach / rng.uniform(1.1, 2.6)
        haze = scatterers(self.sector.grid, (*self.key, 0, 1))
        return np.asarray(haze * amplitude(level)[:, None])


@lru_cache(maxsize=1)
def _block() -> Floats:
    """Scatterers in phase and in quadrature, (2, cells ** 3)."""
    field = scatterers((_CELLS * 8, _CELLS * _CELLS // 8), (0,))
    return np.ascontiguousarray(field.transpose(1, 0, 2)).reshape(2, -1)
