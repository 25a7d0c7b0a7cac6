"""One patient's heart at the end of diastole, in a frame of its own.

The origin is the apex of the left ventricle's cavity, z runs along its long axis to the base, and
angles about z are counted from the lateral wall (0 degrees, to the right in an apical four-chamber
view) over the anterior wall (60) and the anterior septum (120) to the inferior septum (180). Sizes
are those of adults: Lang et al., J Am Soc Echocardiogr 28:1 (2015), tables 2, 4, 8 and 14.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.phantoms.heart.shapes import (
    Capsule,
    Ellipsoid,
    Frame,
    Leaflets,
    Reals,
    along,
    around,
    turned,
)

RV_WALL_MM, ATRIAL_WALL_MM, AORTIC_WALL_MM = 4.0, 2.5, 2.0
_SEPTUM_DEG, _OUTFLOW_DEG = 150.0, 120.0  # where the right ventricle and the aortic root lie


@dataclass(frozen=True, kw_only=True)
class Heart:
    """What differs between patients; everything else follows from it.

    Attributes:
        length_mm: Of the left ventricle's cavity, apex to mitral annulus.
        radius_mm: Of the same, largest.
        wall_mm: Thickness of its wall.
        aorta_mm: Radius of the aortic root.
        atria: Size of the atria, 1 = usual.
        right: Size of the right heart, 1 = usual.
        shortening: Share by which the radius of the left ventricle's cavity shrinks in systole.
        descent_mm: Way of the mitral annulus towards the apex in systole.
        rate_bpm: Heart rate.
        relief: Phases of the unevenness of its surfaces, radians (2, 3, 1).
    """

    length_mm: float
    radius_mm: float
    wall_mm: float
    aorta_mm: float
    atria: float
    right: float
    shortening: float
    descent_mm: float
    rate_bpm: float
    relief: Reals

    @cached_property
    def cavity(self) -> Ellipsoid:
        """Left ventricle, of which only z < length_mm is there."""
        half = 0.66 * self.length_mm
        return self._lv(self.radius_mm, half, half)

    @cached_property
    def epicardium(self) -> Ellipsoid:
        """Outside of the left ventricle's wall, which is thinner at the apex."""
        half = 0.66 * self.length_mm
        return self._lv(self.radius_mm + self.wall_mm, half + 0.8 * self.wall_mm, half)

    @staticmethod
    def _lv(radius_mm: float, half_mm: float, centre_mm: float) -> Ellipsoid:
        return Ellipsoid(turned(around(0, 0, centre_mm), 0), (radius_mm, radius_mm, half_mm))

    def right_ventricle(self, contraction: float) -> Ellipsoid:
        """Right ventricle with the part of the left one that it wraps around; contraction 0..1."""
        size, level = self.right, 0.68 * self.length_mm
        centre = around(_SEPTUM_DEG, 8 + (self.radius_mm + self.wall_mm) * 0.70, level)
        lean = around(_SEPTUM_DEG, 0.25, 1.0)
        frame = _leaning(centre, _SEPTUM_DEG, lean)
        squeeze = 1 - 0.16 * contraction
        return Ellipsoid(frame, (25 * size * squeeze, 35 * size, 0.60 * self.length_mm))

    @cached_property
    def outflow_tract(self) -> Capsule:
        """Right ventricular outflow tract, in front of the aortic root, to the pulmonary valve."""
        start = around(140, self.radius_mm + self.wall_mm + 12, 0.72 * self.length_mm)
        front = self.root.origin + self.aorta_mm * np.array([*around(88)[:2], 0.0])
        end = front + around(82, 13.0, 6.0)
        return Capsule(start, end, 11.5 * self.right)

    @cached_property
    def pulmonary_artery(self) -> Capsule:
        """From the pulmonary valve on, to the left of the aortic root."""
        start = self.outflow_tract.end
        return Capsule(start, start + around(-18, 30.0, 14.0), 10.5 * self.right)

    @cached_property
    def left_atrium(self) -> Ellipsoid:
        """Left atrium, of which only z > length_mm is there."""
        size = self.atria
        centre = around(_OUTFLOW_DEG + 175, 11, self.length_mm + 22 * size)
        return Ellipsoid(turned(centre, _OUTFLOW_DEG), (18.5 * size, 22 * size, 27 * size))

    @cached_property
    def right_atrium(self) -> Ellipsoid:
        """Right atrium, of which only z > tricuspid_mm is there."""
        size = self.atria * (0.5 + 0.5 * self.right)
        centre = around(186, 20 + 22 * size, self.tricuspid_mm + 20 * size)
        return Ellipsoid(turned(centre, 186), (20 * size, 22 * size, 25 * size))

    @property
    def tricuspid_mm(self) -> float:
        """Level of the tricuspid annulus: nearer to the apex than the mitral one."""
        return self.length_mm - 6

    @cached_property
    def root(self) -> Frame:
        """Aortic root: origin in the middle of the valve, z with the blood."""
        origin = around(_OUTFLOW_DEG, 0.66 * self.radius_mm, self.length_mm - 1)
        return along(origin, around(_OUTFLOW_DEG, 0.45, 1.0))

    @cached_property
    def descending_aorta(self) -> Capsule:
        """Descending aorta, behind the left atrium."""
        near = around(_OUTFLOW_DEG + 178, 11 + 18.5 * self.atria + 17, self.length_mm + 4)
        across = 70 * around(_OUTFLOW_DEG + 90)
        return Capsule(near - across, near + across, 10.5)

    @cached_property
    def mitral(self) -> Leaflets:
        """Mitral valve."""
        return self._inlet(around(_OUTFLOW_DEG + 180, 5, self.length_mm), 0.72 * self.radius_mm)

    @cached_property
    def tricuspid(self) -> Leaflets:
        """Tricuspid valve."""
        x, y, _ = self.right_atrium.frame.origin
        return self._inlet(np.array([x, y, self.tricuspid_mm]), 16.0 * self.right)

    @staticmethod
    def _inlet(centre: Reals, radius_mm: float) -> Leaflets:
        return Leaflets(along(centre, np.array([0.0, 0.0, -1.0])), radius_mm, 22, 68)

    @cached_property
    def aortic(self) -> Leaflets:
        """Aortic valve."""
        return Leaflets(self.root, self.aorta_mm - 1.5, 28, 84)

    @cached_property
    def papillary(self) -> tuple[Capsule, Capsule]:
        """Anterolateral and posteromedial papillary muscle."""
        return self._papillary(-28), self._papillary(238)

    def _papillary(self, angle_deg: float) -> Capsule:
        foot = around(angle_deg, 0.84 * self.radius_mm, 0.30 * self.length_mm)
        tip = around(angle_deg, 0.64 * self.radius_mm, 0.60 * self.length_mm)
        return Capsule(foot, tip, 0.25 * self.radius_mm)


def _leaning(centre: Reals, angle_deg: float, axis: Reals) -> Frame:
    """Frame whose z axis lies along `axis` and whose x axis stays at an angle about z."""
    z = axis / np.linalg.norm(axis)
    y = np.cross(z, around(angle_deg))
    y /= np.linalg.norm(y)
    return Frame(centre, np.stack([np.cross(y, z), y, z]))


def draw_heart(rng: np.random.Generator) -> Heart:
    """Draw a patient's heart."""
    size = np.clip(rng.normal(1, 0.06), 0.87, 1.12)
    return Heart(
        length_mm=size * rng.uniform(84, 93),
        radius_mm=size * rng.uniform(20.8, 23.8),
        wall_mm=rng.uniform(8.0, 11.5),
        aorta_mm=size * rng.uniform(13.5, 16.0),
        atria=size * rng.uniform(0.9, 1.15),
        right=size * rng.uniform(0.92, 1.12),
        shortening=rng.uniform(0.25, 0.34),
        descent_mm=size * rng.uniform(10, 15),
        rate_bpm=rng.uniform(55, 95),
        relief=rng.uniform(0, 2 * np.pi, (2, 3, 1)),
    )
