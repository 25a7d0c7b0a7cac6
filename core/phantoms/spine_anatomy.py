"""The back as seen from behind: vertebrae on their curve, and the bone that ultrasound shows.

Sizes follow the adult and adolescent spine: the transverse processes are widest at T1 and draw in
towards T12, vertebrae grow downwards, ribs leave the transverse processes sideways and downwards.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from core.phantoms.bmode import Floats
from core.phantoms.pen import Pen, between
from core.phantoms.spine_curve import Reals, SpineCurve

RIB, THORACIC, LUMBAR = 1, 2, 3  # classes of the mask
LEVELS = (*(f"T{number}" for number in range(1, 13)), *(f"L{number}" for number in range(1, 6)))
_THORACIC_LEVELS = 12
_HEIGHTS = np.concatenate([np.linspace(18, 25, _THORACIC_LEVELS), np.linspace(31, 35, 5)])
_RIB_END_MM = 60.0  # beyond any scan


@dataclass(frozen=True)
class Vertebra:
    """Where one vertebra lies.

    Attributes:
        name: "T1" to "L5".
        centre_mm: (x, y) on the image, from its upper left corner.
        tilt_deg: Angle of the spine's tangent here against the vertical.
        height_mm: From the middle of the disc above to that of the disc below.
    """

    name: str
    centre_mm: tuple[float, float]
    tilt_deg: float
    height_mm: float

    def placed(self, points: Floats) -> Floats:
        """Bring points (n, 2), mm to the right of the spine and down along it, onto the image."""
        c, s = math.cos(math.radians(self.tilt_deg)), math.sin(math.radians(self.tilt_deg))
        return np.asarray(points @ np.array([[c, -s], [s, c]]) + self.centre_mm, np.float32)


@dataclass(frozen=True)
class Bone:
    """One structure of bone.

    Attributes:
        level: Vertebra that it belongs to.
        kind: Class of the mask: RIB, THORACIC (transverse process) or LUMBAR (laminae and
            articular processes, which show as one lump).
        side: -1 left, 1 right of the spine on the image.
        outline: (n, 2) mm on the image.
    """

    level: str
    kind: int
    side: int
    outline: Floats


def stack(curve: SpineCurve, top_mm: Reals, length_mm: float) -> list[Vertebra]:
    """Stack T1 to L5 along a curve.

    Args:
        curve: From the upper end of T1, down along the image.
        top_mm: (x, y) of that end on the image.
        length_mm: Height of the whole stack.
    """
    heights = _HEIGHTS * length_mm / _HEIGHTS.sum()
    middles = np.cumsum(heights) - heights / 2
    centres = top_mm + np.stack([curve.offset_mm(middles), middles], 1)
    tilts = curve.tilt_deg(middles)
    return [
        Vertebra(name, (float(x), float(y)), float(tilt), float(height))
        for name, (x, y), tilt, height in zip(LEVELS, centres, tilts, heights, strict=True)
    ]


def draw_bones(rng: np.random.Generator, vertebrae: list[Vertebra]) -> list[Bone]:
    """Draw ribs, transverse processes and lumbar lumps, in the order in which they overlap."""
    pen, build = Pen(rng), rng.uniform(0.94, 1.06)  # broad or slender
    ribs, lumps = list[Bone](), list[Bone]()
    for number, vertebra in enumerate(vertebrae):
        thoracic, way = number < _THORACIC_LEVELS, number / (_THORACIC_LEVELS - 1)
        for side in (-1, 1):
            if thoracic:
                ribs.append(Bone(vertebra.name, RIB, side, _rib(pen, vertebra, side, way, build)))
            draw, kind = (_process, THORACIC) if thoracic else (_lump, LUMBAR)
            outline = vertebra.placed(draw(pen, vertebra, side, way, build))
            lumps.append(Bone(vertebra.name, kind, side, outline))
    return ribs + lumps


def _process(pen: Pen, vertebra: Vertebra, side: int, way: float, build: float) -> Floats:
    """Outline of a transverse process, which points outwards and, high up, upwards."""
    half = vertebra.height_mm * pen.rng.uniform(0.31, 0.35)
    middle = side * (_process_mm(way, build) + pen.rng.normal(0, 0.4)), pen.rng.normal(0, 0.5)
    return pen.blob(middle, (7.6 * build, half), angle=-side * 0.25 * (1 - way), rough=0.03)


def _lump(pen: Pen, vertebra: Vertebra, side: int, way: float, build: float) -> Floats:
    """Outline of the laminae and articular processes of one side of a lumbar vertebra."""
    half = vertebra.height_mm * pen.rng.uniform(0.41, 0.45)
    middle = side * (14.5 * build + pen.rng.normal(0, 0.4)), pen.rng.normal(0, 0.5)
    return pen.blob(
        middle, (11.0 * build, half), angle=side * pen.rng.normal(0.1, 0.05), rough=0.03
    )


def _rib(pen: Pen, vertebra: Vertebra, side: int, way: float, build: float) -> Floats:
    """Outline of the part of a rib next to its vertebra: sideways, bending down, then out of sight.

    The last two ribs float: they are thin and end early.
    """
    start = _process_mm(way, build)
    end = {"T11": start + 26, "T12": start + 17}.get(vertebra.name, _RIB_END_MM)
    out = np.linspace(0, end - start, 12)
    drop, bend = pen.rng.normal(0.24 + 0.16 * way, 0.03), 0.004
    middle = drop * out + bend * out**2
    half = np.interp(out, [0, 8, end - start], np.array([4.2, 5.0, 4.6]) * (1 - 0.2 * way)) * build
    lines = [np.stack([side * (start + out), middle + edge * half], 1) for edge in (-1, 1)]
    top, bottom = (line.astype(np.float32) for line in lines)
    return vertebra.placed(between(top, bottom))


def _process_mm(way: float, build: float) -> float:
    """Distance of a transverse process from the midline; way is 0 at T1 and 1 at T12."""
    return build * float(np.interp(way, [0, 0.2, 0.7, 1], [22, 19.5, 18, 15]))
