"""Structured noise of freehand sweeps: rows that a volume got from frames at wrong places.

Each row of a projection image comes from the frames recorded near it. Where the probe moves fast or
its tracked pose jumps, rows are missing, stand in for their neighbours, slip sideways, or are too
bright or too dark over a part of their width. Such rows come in clusters, one for each spell.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from core.phantoms.bmode import Bytes, Floats
from core.phantoms.spine_curve import Reals

_TYPICAL_MM = 38.0  # length of a spell of fast motion
_GRAIN_MM = 6.0  # how far the gain of a row stays alike across
_SOFT_MM = 2.0  # ends of a line
_JOINED_MM = (8.0, 8.0)  # lines closer than this, down and across, make one region


@dataclass(frozen=True, kw_only=True)
class LineKind:
    """Ranges that the lines of one kind are drawn from.

    Attributes:
        often: How many of all lines are of this kind, as a share.
        thick_mm: Height.
        gain: Of the echo.
        away_mm: Largest distance of the row that is shown instead.
        slip_mm: Standard deviation of the way sideways.
        wide: Width as a share of the image's.
    """

    often: float
    thick_mm: tuple[float, float]
    gain: tuple[float, float]
    away_mm: float
    slip_mm: float
    wide: tuple[float, float]


_KINDS = (
    LineKind(  # no frame near: a gap
        often=0.12, thick_mm=(0.5, 1.4), gain=(0.1, 0.5), away_mm=0, slip_mm=0, wide=(0.6, 2)
    ),
    LineKind(  # lost contact
        often=0.36,
        thick_mm=(0.5, 1.1),
        gain=(0.2, 0.65),
        away_mm=0.5,
        slip_mm=0.3,
        wide=(0.15, 0.7),
    ),
    LineKind(  # several frames pressed into one row
        often=0.3, thick_mm=(0.5, 1.1), gain=(1.2, 1.7), away_mm=0.5, slip_mm=0.3, wide=(0.15, 0.7)
    ),
    LineKind(  # a frame whose pose jumped
        often=0.22, thick_mm=(0.8, 2.5), gain=(0.85, 1.15), away_mm=8, slip_mm=1.5, wide=(0.7, 2)
    ),
)
_OFTEN = [kind.often for kind in _KINDS]


@dataclass(frozen=True)
class Spell:
    """A spell of fast motion.

    Attributes:
        start_mm: Where it begins, from the image's upper edge.
        end_mm: Where it ends.
        pitch_mm: Mean distance from one line to the next.
        strength: Of its lines; 1 in full, 0 none.
    """

    start_mm: float
    end_mm: float
    pitch_mm: float
    strength: float


def draw_spells(
    rng: np.random.Generator, start_mm: float, end_mm: float, share: float
) -> list[Spell]:
    """Draw spells of fast motion that cover this share, 0 to 1, of a scan, with rests between."""
    length = end_mm - start_mm
    count = max(1, round(share * length / _TYPICAL_MM)) if share else 0
    spells = share * length * _parts(rng, count)
    rests = (1 - share) * length * _parts(rng, count + 1)
    ends = start_mm + np.cumsum(rests[:-1]) + np.cumsum(spells)
    return [
        Spell(end - long, end, rng.uniform(1.0, 2.4), rng.uniform(0.5, 0.9))
        for end, long in zip(ends.tolist(), spells.tolist(), strict=True)
    ]


def with_stripes(
    clean: Bytes, spells: list[Spell], spacing_mm: float, rng: np.random.Generator
) -> tuple[Bytes, Bytes]:
    """Put structured noise on an image.

    Args:
        clean: Uint8 (rows, columns).
        spells: Where the noise lies.
        spacing_mm: Side of a pixel.
        rng: Source of every random choice.

    Returns:
        The image with noise, and the region that it covers, 0 or 1; both uint8 (rows, columns).
        Outside of the region the image is the clean one, to the bit.
    """
    sweep = _RoughSweep(clean, spacing_mm, rng)
    for spell in spells:
        place_mm = spell.start_mm + rng.exponential(spell.pitch_mm / 2)
        while place_mm < spell.end_mm:
            place_mm += sweep.strike(place_mm, spell.strength) + rng.exponential(spell.pitch_mm)
    return sweep.noisy, sweep.region()


class _RoughSweep:
    """An image on which lines are drawn one by one."""

    def __init__(self, clean: Bytes, spacing_mm: float, rng: np.random.Generator) -> None:
        self.clean, self.noisy = clean, clean.copy()
        self.spacing_mm, self.rng = spacing_mm, rng
        self.across = np.arange(clean.shape[1])

    def strike(self, place_mm: float, strength: float) -> float:
        """Draw a line of a random kind from this place down; return its height in mm."""
        kind = _KINDS[self.rng.choice(len(_KINDS), p=_OFTEN)]
        thick_mm = self.rng.uniform(*kind.thick_mm)
        first = min(int(place_mm / self.spacing_mm), len(self.noisy) - 1)
        rows = slice(first, first + max(1, round(thick_mm / self.spacing_mm)))
        before = self.noisy[rows].astype(np.float32)
        after = before + self._window(kind) * (self._echo(kind, first, strength) - before)
        self.noisy[rows] = np.rint(after.clip(0, 255))
        return thick_mm

    def region(self) -> Bytes:
        """Return where lines are, joined to regions where they lie close together."""
        # odd sides: about an even kernel's centre a closing would lose pixels
        sides = [2 * round(joined / self.spacing_mm / 2) + 1 for joined in _JOINED_MM]
        changed = (self.noisy != self.clean).astype(np.uint8)
        return np.asarray(cv2.morphologyEx(changed, cv2.MORPH_CLOSE, np.ones(sides, np.uint8)))

    def _echo(self, kind: LineKind, row: int, strength: float) -> Floats:
        """Grey levels (columns,) of a line in place of this row."""
        away = self.rng.uniform(-1, 1) * kind.away_mm / self.spacing_mm
        slip = round(self.rng.normal(0, kind.slip_mm) / self.spacing_mm)
        rows, columns = self.clean.shape
        source = self.clean[min(max(round(row + away), 0), rows - 1)]
        gain = 1 + strength * (self.rng.uniform(*kind.gain) - 1)
        knots = self.rng.normal(gain, 0.12 * gain, 2 + int(columns * self.spacing_mm / _GRAIN_MM))
        uneven = np.interp(self.across * self.spacing_mm / _GRAIN_MM, np.arange(len(knots)), knots)
        shown = source[(self.across - slip).clip(0, columns - 1)]
        return np.asarray(shown * uneven, np.float32)

    def _window(self, kind: LineKind) -> Floats:
        """How much of a line shows at each column: 1 in its stretch, 0 beyond, soft at the ends."""
        columns = len(self.across)
        half = columns * self.rng.uniform(*kind.wide) / 2
        away = np.abs(self.across - self.rng.uniform(0.15, 0.85) * columns)
        return np.asarray(((half - away) * self.spacing_mm / _SOFT_MM).clip(0, 1), np.float32)


def _parts(rng: np.random.Generator, count: int) -> Reals:
    """Cut 1 into this many random parts, none of them tiny."""
    parts = rng.uniform(0.4, 1.6, count)
    return parts / parts.sum() if count else parts
