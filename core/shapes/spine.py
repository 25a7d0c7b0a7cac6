"""How much a spine curves in the image plane: one angle, from the bone features at its sides."""

from __future__ import annotations

from collections.abc import Sequence
from math import nan

from core.shapes.masses import Mask
from core.shapes.midline import SQUARE_MM, find_midline


def spine_angle(
    mask: Mask, *, classes: Sequence[int] = (2, 3), spacing_mm: Sequence[float] = SQUARE_MM
) -> float:
    """Measure the angle between the two most tilted levels of a spine, in degrees.

    So is Cobb's angle defined (Cobb, Instr Course Lect 1948;5:261), on radiographs, by vertebral
    endplates that a reader chooses; and so is the ultrasound curve angle, by pairs of transverse
    processes or laminae on coronal volume projection images (Lee et al., J Orthop Translat
    2021;29:51; reliability of the images: Zheng et al., Scoliosis Spinal Disord 2016;11:13). Ours
    is the curvature of a smooth line between the thoracic and lumbar features, the largest over the
    whole spine, without any reader. It is no radiographic Cobb angle, and has not been held against
    one.

    Args:
        mask: (H, W) uint8 class indices.
        classes: Those of the features, such as thoracic and lumbar.
        spacing_mm: Distance of rows and of columns. An angle needs only their ratio; where one is
            NaN, pixels are taken to be square.

    Returns:
        0..180; NaN where there are too few features, see `find_midline`.

    Raises:
        InputError: If a spacing is not positive.
    """
    midline = find_midline(mask, classes=classes, spacing_mm=spacing_mm)
    return nan if midline is None else midline.angle_deg
