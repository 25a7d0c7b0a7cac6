"""Signed distances of points to simple surfaces, in mm: negative inside.

Points are float32 (3, n) throughout, distances float32 (n,). Those of ellipsoids are first-order:
exact on the surface, right to a few per cent within a wall's thickness of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.phantoms.bmode import Floats

Reals = npt.NDArray[np.float64]


def around(angle_deg: float, radius_mm: float = 1.0, z_mm: float = 0.0) -> Reals:
    """Point at an angle about the z axis, counted from x to y; (3,)."""
    angle = np.deg2rad(angle_deg)
    return np.array([radius_mm * np.cos(angle), radius_mm * np.sin(angle), z_mm])


@dataclass(frozen=True)
class Frame:
    """A right-handed system of axes.

    Attributes:
        origin: (3,) mm.
        axes: Unit vectors as rows, (3, 3).
    """

    origin: Reals
    axes: Reals

    def local(self, points: Floats) -> Floats:
        """Points (3, n) in this frame."""
        axes = self.axes.astype(np.float32)
        return np.asarray(axes @ points - (axes @ self.origin)[:, None].astype(np.float32))


def turned(origin: Reals, angle_deg: float) -> Frame:
    """Frame whose x axis points at an angle about z, and whose z axis stays."""
    return Frame(origin, np.stack([around(angle_deg), around(angle_deg + 90), [0.0, 0.0, 1.0]]))


def along(origin: Reals, axis: Reals) -> Frame:
    """Frame whose z axis lies along `axis`, not that of y."""
    z = axis / np.linalg.norm(axis)
    x = np.cross([0.0, 1.0, 0.0], z)
    x /= np.linalg.norm(x)
    return Frame(origin, np.stack([x, np.cross(z, x), z]))


@dataclass(frozen=True)
class Ellipsoid:
    """An ellipsoid with its centre at the origin of `frame` and semi-axes in mm along its axes."""

    frame: Frame
    semi_mm: tuple[float, float, float]

    @property
    def volume_ml(self) -> float:
        """Volume of the whole ellipsoid."""
        return float(4 / 3 * np.pi * np.prod(self.semi_mm) / 1000)

    def distance(self, points: Floats) -> Floats:
        """Signed distance of points (3, n)."""
        semi = np.array(self.semi_mm, np.float32)[:, None]
        unit = self.frame.local(points)
        unit /= semi
        level = _norm(unit)
        unit /= semi
        return np.asarray(level * (level - 1) / np.maximum(_norm(unit), 1e-6))


@dataclass(frozen=True)
class Capsule:
    """All that lies within `radius_mm` of the way from start to end, (3,) each."""

    start: Reals
    end: Reals
    radius_mm: float

    def distance(self, points: Floats) -> Floats:
        """Signed distance of points (3, n)."""
        way = (self.end - self.start).astype(np.float32)
        offset = points - self.start.astype(np.float32)[:, None]
        share = np.clip(way @ offset / (way @ way), 0, 1)
        return np.asarray(_norm(offset - way[:, None] * share) - np.float32(self.radius_mm))


@dataclass(frozen=True)
class Leaflets:
    """A ring of leaflets that hang from an annulus and meet in its middle when they are closed.

    Attributes:
        frame: Origin in the middle of the annulus; z is the way of the blood.
        radius_mm: Of the annulus, and length of the leaflets.
        shut_deg: Slope of the closed leaflets against the plane of the annulus.
        open_deg: That of the open ones.
    """

    frame: Frame
    radius_mm: float
    shut_deg: float
    open_deg: float

    def distance(self, points: Floats, opening: float) -> Floats:
        """Distance of points (3, n) to the leaflets, 0 or more; `opening` is from 0 to 1."""
        x, y, height = self.frame.local(points)
        slope = np.deg2rad(self.shut_deg + opening * (self.open_deg - self.shut_deg))
        inwards, up = np.float32(np.cos(slope)), np.float32(np.sin(slope))
        inside = np.float32(self.radius_mm) - np.sqrt(x * x + y * y)
        share = np.clip(inside * inwards + height * up, 0, 1.04 * self.radius_mm)
        return np.asarray(
            np.sqrt(np.square(inside - share * inwards) + np.square(height - share * up))
        )


def _norm(vectors: Floats) -> Floats:
    x, y, z = vectors
    return np.asarray(np.sqrt(x * x + y * y + z * z))
