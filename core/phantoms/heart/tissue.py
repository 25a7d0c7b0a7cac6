"""How strongly each place in and around a heart echoes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.phantoms.bmode import Floats
from core.phantoms.heart.cycle import Beat
from core.phantoms.heart.model import AORTIC_WALL_MM, ATRIAL_WALL_MM, RV_WALL_MM, Heart

BLOOD_DB, WALL_DB = -66.0, -31.0
LIVER_DB, LUNG_DB = -33.0, -40.0
_PERICARDIUM_DB, _VALVE_DB, _VESSEL_DB = -21.0, -22.0, -24.0
_VALVES_MM = 26.0  # on both sides of the mitral annulus
_SOFT_MM = 1.6  # over which one tissue passes into the next


@dataclass(frozen=True)
class Tissue:
    """Tissue at n places; float32 (n,) each.

    Attributes:
        level_db: Of the scatterers.
        heart_mm: Signed distance to the heart's outside.
        surface_mm: Signed distance to the nearest blood.
    """

    level_db: Floats
    heart_mm: Floats
    surface_mm: Floats


def tissue_at(heart: Heart, places: Floats, beat: Beat, surroundings: Floats) -> Tissue:
    """Return the tissue at end-diastolic places.

    Args:
        heart: The heart.
        places: Float32 (3, n) mm, see `motion.material`.
        beat: The state of the valves and of the right ventricle.
        surroundings: Level in dB of what lies around the heart, float32 (n,).
    """
    left, outside = heart.cavity.distance(places), heart.epicardium.distance(places)
    right = heart.right_ventricle(beat.contraction).distance(places)
    ways_out = heart.outflow_tract, heart.pulmonary_artery
    outflow = np.minimum(*(way.distance(places) for way in ways_out))
    atria = [atrium.distance(places) for atrium in (heart.left_atrium, heart.right_atrium)]
    aorta = _aorta(heart, places)
    base = places[2] - np.float32(heart.length_mm)
    inlet = places[2] - np.float32(heart.tricuspid_mm)

    left_wall = np.maximum(outside, base - 3)
    right_wall = np.minimum(np.maximum(right, inlet - 3), outflow) - RV_WALL_MM
    thin_walls = np.minimum(np.minimum(*atria) - ATRIAL_WALL_MM, aorta - AORTIC_WALL_MM)
    whole = np.minimum(np.minimum(left_wall, right_wall), thin_walls)
    left_blood = np.minimum(np.maximum(left, base), np.maximum(atria[0], -base))
    right_blood = np.minimum(
        np.maximum(np.maximum(right, -outside), inlet), np.maximum(atria[1], -inlet)
    )
    beside = np.maximum(-outside, AORTIC_WALL_MM - aorta)
    blood = np.minimum(np.minimum(left_blood, right_blood), aorta)
    blood = np.minimum(blood, np.maximum(outflow, beside))
    papillary = np.minimum(*(muscle.distance(places) for muscle in heart.papillary))
    level = surroundings.copy()
    _paint(level, whole, WALL_DB)
    _paint(level, blood, BLOOD_DB)
    _paint(level, np.maximum(papillary, left), WALL_DB)
    _line(level, whole - 0.8, 0.9, _PERICARDIUM_DB)
    # the way out of the ventricle has a wall of its own only beyond the ventricle
    _line(level, np.maximum(np.abs(aorta - 1), -left - 2), 0.9, _VESSEL_DB)
    near = np.flatnonzero(np.abs(base) < _VALVES_MM)
    level[near] = _with_valves(level[near], heart, places[:, near], beat)
    _descending(level, heart, places)
    return Tissue(level, whole, np.minimum(blood, np.maximum(-papillary, left)))


def _aorta(heart: Heart, places: Floats) -> Floats:
    """Signed distance to the blood of the outflow tract, the sinuses and the ascending aorta."""
    x, y, height = heart.root.local(places)
    radius = np.interp(height, (-14, -2, 8, 18, 74), (0.8, 0.84, 1.06, 0.9, 0.95))
    across = np.sqrt(x * x + y * y) - (radius * heart.aorta_mm).astype(np.float32)
    return np.asarray(np.maximum(across, np.abs(height - 30) - 44))


def _with_valves(level: Floats, heart: Heart, places: Floats, beat: Beat) -> Floats:
    for valve, opening in ((heart.mitral, beat.mitral), (heart.tricuspid, beat.mitral)):
        _line(level, valve.distance(places, opening), 1.05, _VALVE_DB)
    _line(level, heart.aortic.distance(places, beat.aortic), 0.9, _VALVE_DB - 3)
    if beat.aortic < 0.5:
        _line(level, _commissures(heart, places), 0.9, _VALVE_DB)
    return level


def _commissures(heart: Heart, places: Floats) -> Floats:
    """Distance to the lines in which the closed aortic cusps meet: a star, seen from above."""
    x, y, height = heart.root.local(places)
    beside = []
    for angle in np.deg2rad((30, 150, 270)):
        c, s = np.float32(np.cos(angle)), np.float32(np.sin(angle))
        outward = np.clip(x * c + y * s, 0, heart.aorta_mm)
        beside.append(np.square(x - outward * c) + np.square(y - outward * s))
    above = np.maximum(np.abs(height - 6) - 4, 0)
    return np.asarray(np.sqrt(np.minimum.reduce(beside) + np.square(above)))


def _descending(level: Floats, heart: Heart, places: Floats) -> None:
    distance = heart.descending_aorta.distance(places)
    _paint(level, distance, BLOOD_DB)
    _line(level, distance - 1, 1.2, _VESSEL_DB)


def _paint(level: Floats, distance: Floats, level_db: float) -> None:
    """Fill what lies inside, with a soft edge."""
    inside = np.clip(0.5 - distance / _SOFT_MM, 0, 1)
    level += inside * (level_db - level)


def _line(level: Floats, distance: Floats, width_mm: float, level_db: float) -> None:
    """Draw a line of Gaussian profile where it is brighter than what lies there."""
    np.maximum(level, level_db - 4.34 * np.square(distance / width_mm), out=level)
