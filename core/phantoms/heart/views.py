"""The eight standard views: where the probe is held and how the plane lies in the heart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from core.phantoms.heart.model import Heart
from core.phantoms.heart.shapes import Reals, around

VIEWS: Final = ("A2C", "A3C", "A4C", "A5C", "PLAX", "SAXBASAL", "SAXMID", "SUB4C")
"""The classes, in the order that every table and network of the project keeps."""

_ROTATION_DEG = {"A4C": 0.0, "A5C": 0.0, "A2C": 60.0, "A3C": 120.0}
_LOOSENESS_DEG = {"A2C": 10.0, "A3C": 10.0}  # of the rotation; otherwise 6
_AORTIC_TILT_DEG = 10.0  # from four to five chambers


@dataclass(frozen=True)
class Plane:
    """A plane through the heart as a probe sees it.

    Attributes:
        probe: Where the beams start, (3,) mm in the heart's frame.
        down: Unit vector (3,) of the middle beam.
        right: Unit vector (3,) to the right of the image.
        depth_mm: How deep the image reaches.
        chest_mm: Thickness of skin and muscle before the heart.
        liver: Whether liver lies between the probe and the heart.
    """

    probe: Reals
    down: Reals
    right: Reals
    depth_mm: float
    chest_mm: float
    liver: bool = False

    def turned(self, tilt_deg: float, rotation_deg: float, rock_deg: float) -> Plane:
        """Turn the probe in place: out of its plane, about the middle beam, within its plane."""
        right, down = self.right, _rotate(self.down, np.cross(self.down, self.right), tilt_deg)
        right = _rotate(right, np.cross(down, right), rotation_deg)
        down, right = _rotate(down, right, rock_deg), _rotate(right, -down, rock_deg)
        return Plane(self.probe, down, right, self.depth_mm, self.chest_mm, self.liver)


def _rotate(vector: Reals, towards: Reals, angle_deg: float) -> Reals:
    """Turn a unit vector towards another that is perpendicular to it."""
    angle = np.deg2rad(angle_deg)
    return np.asarray(np.cos(angle) * vector + np.sin(angle) * towards)


def standard_plane(view: str, heart: Heart) -> Plane:
    """Return the plane of a view as it stands in textbooks.

    Args:
        view: One of `VIEWS`.
        heart: The heart; the probe is moved to where its chambers are.
    """
    if view in _ROTATION_DEG:
        return _apical(view, heart)
    if view == "SUB4C":
        return _subcostal(heart)
    return _parasternal(view, heart)


def _apical(view: str, heart: Heart) -> Plane:
    chest_mm = 11.0
    probe = around(0, 0, -0.8 * heart.wall_mm - chest_mm)
    right = around(_ROTATION_DEG[view])
    depth_mm = heart.length_mm + 56 * heart.atria + 22
    plane = Plane(probe, np.array([0.0, 0.0, 1.0]), right, depth_mm, chest_mm)
    return plane.turned(_AORTIC_TILT_DEG, 0, 0) if view == "A5C" else plane


def _parasternal(view: str, heart: Heart) -> Plane:
    long_axis = np.array([0.0, 0.0, 1.0])
    up, right = around(118), long_axis
    target = around(0, 0, 0.84 * heart.length_mm)
    if view != "PLAX":
        up, right = around(96), around(6)
        target = around(0, 0, 0.47 * heart.length_mm)
    if view == "SAXBASAL":
        target = heart.root.origin + 5 * heart.root.axes[2]
        normal = heart.root.axes[2] + 0.4 * long_axis
        up = _perpendicular(up, normal)
        right = np.cross(up, normal / np.linalg.norm(normal))
        right *= np.sign(right @ around(6))
    reach_mm = heart.radius_mm + heart.wall_mm + 24 * heart.right
    if view == "SAXBASAL":
        reach_mm = heart.aorta_mm + 26 * heart.right + 6
    chest_mm = 14.0
    depth_mm = reach_mm + chest_mm + heart.radius_mm + heart.wall_mm + 35
    return Plane(target + (reach_mm + chest_mm) * up, -up, right, depth_mm, chest_mm)


def _subcostal(heart: Heart) -> Plane:
    side = around(196)
    up = _rotate(side, np.array([0.0, 0.0, -1.0]), 24)
    target = around(196, 8, 0.72 * heart.length_mm)
    right = _rotate(np.array([0.0, 0.0, -1.0]), -side, 24)
    return Plane(target + 92 * up, -up, right, 172 * (0.5 + 0.5 * heart.right), 10.0, liver=True)


def _perpendicular(vector: Reals, normal: Reals) -> Reals:
    """Unit vector nearest to `vector` that lies in the plane of this normal."""
    rest = vector - (vector @ normal) / (normal @ normal) * normal
    return np.asarray(rest / np.linalg.norm(rest))


def draw_plane(view: str, heart: Heart, rng: np.random.Generator) -> Plane:
    """Draw the plane that an examiner finds for a view: a little off in every direction.

    Args:
        view: One of `VIEWS`.
        heart: The heart.
        rng: Source of every random choice.
    """
    plane = standard_plane(view, heart)
    tilt, rotation, rock = rng.normal(0, (3.2, _LOOSENESS_DEG.get(view, 6), 5))
    aside = rng.normal(0, 3, 2)
    probe = plane.probe + aside[0] * plane.right + aside[1] * np.cross(plane.right, plane.down)
    depth_mm = plane.depth_mm * rng.uniform(0.96, 1.1)
    moved = Plane(probe, plane.down, plane.right, depth_mm, plane.chest_mm, plane.liver)
    return moved.turned(tilt, rotation, rock)
