"""Coronal projections of the whole back: spines with scoliosis, their bone outlined, with stripes.

Shaped like the volume projection images of Cheung et al., IEEE Trans Med Imaging 34:1760 (2015): a
sweep of tracked frames down the back becomes a volume, and its voxels are averaged over depth.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.checks import require
from core.phantoms.bmode import Bytes
from core.phantoms.labels import Annotator
from core.phantoms.pen import shrunk
from core.phantoms.sketch import filled
from core.phantoms.spine_anatomy import LUMBAR, RIB, THORACIC, Bone, Vertebra, draw_bones, stack
from core.phantoms.spine_curve import Reals, SpineCurve, cobb_deg, draw_curve
from core.phantoms.spine_projection import Sweep, draw_sweep, projection
from core.phantoms.stripes import Spell, draw_spells, with_stripes

FULL_SPACING_MM = 0.21  # side of a pixel at full size
_SUBJECT, _TISSUE, _LABEL, _NOISE = range(4)  # random streams
_ANNOTATOR = Annotator(size=0.03, dents=0.015, shift_mm=0.4)


@dataclass(frozen=True)
class SpineFrame:
    """One image; all uint8 (rows, columns).

    Attributes:
        image: Grey levels, with structured noise.
        mask: 1 = rib, 2 = thoracic (transverse process), 3 = lumbar (lump).
        reference: The image without structured noise.
        striped: 1 where structured noise lies; elsewhere image and reference are the same.
    """

    image: Bytes
    mask: Bytes
    reference: Bytes
    striped: Bytes


@dataclass(frozen=True)
class SpineSubject:
    """One back and one sweep down it.

    Attributes:
        key: (seed, number).
        size: Rows and columns of the image.
        spacing_mm: Side of a pixel.
        curve: Of the spine, from the upper end of T1.
        top_mm: (x, y) of the curve's origin on the image.
        vertebrae: T1 to L5.
        sweep: The band that was scanned.
        spells: Where the probe moved too fast.
    """

    key: tuple[int, int]
    size: tuple[int, int]
    spacing_mm: float
    curve: SpineCurve
    top_mm: Reals
    vertebrae: list[Vertebra]
    sweep: Sweep
    spells: list[Spell]

    @property
    def cobb_deg(self) -> float:
        """Largest angle between the tangents at any two vertebrae."""
        return cobb_deg([vertebra.tilt_deg for vertebra in self.vertebrae])

    @property
    def midline_mm(self) -> Reals:
        """Place of the spine's midline on each row of the image, from its left edge."""
        down = (np.arange(self.size[0]) + 0.5) * self.spacing_mm
        return self.curve.offset_mm(down - self.top_mm[1]) + float(self.top_mm[0])

    @property
    def striped_share(self) -> float:
        """Share of the scan's length with fast motion."""
        fast = sum(spell.end_mm - spell.start_mm for spell in self.spells)
        return fast / (self.sweep.end_mm - self.sweep.start_mm)

    def frame(self) -> SpineFrame:
        """Render the image and all that is known about it."""
        tissue, label, noise = (
            np.random.default_rng((stream, *self.key)) for stream in (_TISSUE, _LABEL, _NOISE)
        )
        bones = draw_bones(tissue, self.vertebrae)
        seen = self.sweep.band(self.size, self.spacing_mm)
        clean = projection(tissue, self.midline_mm, self.vertebrae, bones, seen, self.spacing_mm)
        image, striped = with_stripes(clean, self.spells, self.spacing_mm, noise)
        mask = self._outlined(bones, label) * (seen > 0)
        return SpineFrame(image, mask, clean, striped)

    def _outlined(self, bones: list[Bone], rng: np.random.Generator) -> Bytes:
        """Mask of the bones as a human outlines them; what comes later lies on top."""
        mask = np.zeros(self.size, np.uint8)
        for kind in (RIB, THORACIC, LUMBAR):
            drawn = [_ANNOTATOR.drawn(bone.outline, rng) for bone in bones if bone.kind == kind]
            # OpenCV fills what an outline touches, half a pixel too much on each side
            outlines = [shrunk(outline / self.spacing_mm, 0.5) for outline in drawn]
            mask[filled(outlines, self.size) > 0] = kind
        return mask


class SpineScene:
    """Projection images of the backs of several subjects, one each; `scene[i]` renders image i.

    An image depends on the seed and on its number, never on what was rendered before or on how many
    subjects there are.

    Args:
        subjects: Number of subjects.
        scale: Of the images' sides; at 1 they have about 2050 to 2600 rows and 500 to 640 columns.
        stripes: Share, 0 to 1, of the scans' length that has structured noise; it varies about
            this value from subject to subject.
        severity: Largest Cobb angle, degrees.
        seed: Of everything.

    Attributes:
        subjects: The backs, with the truth about their curves.

    Raises:
        InputError: If an argument is out of range.
    """

    def __init__(
        self,
        *,
        subjects: int = 40,
        scale: float = 0.5,
        stripes: float = 0.5,
        severity: float = 45.0,
        seed: int = 0,
    ) -> None:
        require(subjects >= 1, "subjects", "at least 1", subjects)
        require(0.1 <= scale <= 1, "scale", "0.1 to 1", scale)
        require(0 <= stripes <= 1, "stripes", "a share from 0 to 1", stripes)
        require(0 <= severity <= 60, "severity", "0 to 60 degrees", severity)
        require(seed >= 0, "seed", "0 or more", seed)
        self.subjects = [
            draw_subject((seed, number), scale, stripes, severity) for number in range(subjects)
        ]

    def __len__(self) -> int:
        return len(self.subjects)

    def __getitem__(self, index: int) -> SpineFrame:
        """Render the image of this index.

        Raises:
            InputError: If there is no such image.
        """
        require(0 <= index < len(self), "index", f"0 to {len(self) - 1}", index)
        return self.subjects[index].frame()


def draw_subject(
    key: tuple[int, int], scale: float, stripes: float, severity: float
) -> SpineSubject:
    """Draw subject (seed, number); the other arguments are those of `SpineScene`."""
    rng, spacing_mm = np.random.default_rng((_SUBJECT, *key)), FULL_SPACING_MM / scale
    height_mm, width_mm = rng.uniform(430, 546), rng.uniform(106, 134)
    above_mm, below_mm = rng.uniform(14, 20, 2)
    length_mm = height_mm - above_mm - below_mm
    curve = draw_curve(rng, length_mm, severity)
    offsets = curve.offset_mm(np.linspace(0, length_mm))
    middle_mm = (width_mm - offsets.min() - offsets.max()) / 2
    top_mm = np.array([middle_mm, above_mm])
    vertebrae = stack(curve, top_mm, length_mm)
    sweep = draw_sweep(rng, vertebrae, height_mm)
    spread = rng.uniform(-0.8, 0.8) * min(stripes, 1 - stripes)
    spells = draw_spells(rng, sweep.start_mm, sweep.end_mm, stripes + spread)
    size = round(height_mm / spacing_mm), round(width_mm / spacing_mm)
    return SpineSubject(key, size, spacing_mm, curve, top_mm, vertebrae, sweep, spells)
