"""The distance between pixels that a DICOM header states."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from core.dicom.regions import reaches_beyond

if TYPE_CHECKING:
    from pydicom import Dataset

_TWO_DIMENSIONAL, _TISSUE, _CENTIMETRES = 1, 1, 3  # codes of PS3.3 C.8.5.5
_TOLERANCE = 1e-3  # relative; scanners round


class Spacing(NamedTuple):
    """Distance between neighbouring pixels.

    Attributes:
        row_mm: Between rows, that is downwards, in millimetres; NaN where unknown.
        col_mm: Between columns; known if and only if `row_mm` is.
        reason: Why it is unknown; empty if it is known.
    """

    row_mm: float
    col_mm: float
    reason: str = ""

    @classmethod
    def unknown(cls, reason: str) -> Spacing:
        """Return a spacing that is not known, for this reason."""
        return cls(math.nan, math.nan, reason)


def positive(number: object) -> float:
    """Return a positive, finite number; NaN for everything else that a header may hold."""
    try:
        value = float(number)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return math.nan
    return value if 0 < value < math.inf else math.nan


def spacing_mm(header: Dataset) -> Spacing:
    """Return the pixel spacing of an ultrasound image.

    The calibrated regions decide (PS3.3 C.8.5.5): those of two-dimensional tissue, which state
    centimetres a pixel. If they differ, as for two views at different depths, no spacing holds for
    the whole image. If they reach beyond it, it was scaled or cropped afterwards and they no longer
    tell. Without such regions Pixel Spacing (0028,0030) is taken. Imager Pixel Spacing (0018,1164)
    is that of a detector behind the body and Nominal Scanned Pixel Spacing (0018,2010) that of a
    scanned sheet: neither is a distance in tissue, and neither is taken.

    Args:
        header: What the file states; the pixels are not looked at.
    """
    regions = [
        region for region in header.get("SequenceOfUltrasoundRegions") or () if _is_tissue(region)
    ]
    spacings = np.array([_region_spacing(region) for region in regions])
    if np.isnan(spacings).all():
        return _pixel_spacing(header)
    if any(reaches_beyond(region, header) for region in regions):
        return Spacing.unknown("its regions reach beyond the image, which was scaled or cropped")
    if not (np.ptp(spacings, axis=0) <= _TOLERANCE * spacings.min(axis=0)).all():
        return Spacing.unknown(f"its {len(regions)} regions differ in pixel distance")
    row, col = spacings[0].tolist()
    return Spacing(row, col)


def _is_tissue(region: Dataset) -> bool:
    kind = (region.get("RegionSpatialFormat"), region.get("RegionDataType"))
    return kind == (_TWO_DIMENSIONAL, _TISSUE)


def _region_spacing(region: Dataset) -> tuple[float, float]:
    """Return row and column spacing in mm, NaN where they are not both stated in centimetres.

    A minus sign only tells the direction of the axis.
    """
    units = (region.get("PhysicalUnitsYDirection"), region.get("PhysicalUnitsXDirection"))
    deltas = (region.get("PhysicalDeltaY"), region.get("PhysicalDeltaX"))
    row, col = (10 * positive(abs(delta or 0)) for delta in deltas)
    known = units == (_CENTIMETRES, _CENTIMETRES) and not math.isnan(row + col)
    return (row, col) if known else (math.nan, math.nan)


def _pixel_spacing(header: Dataset) -> Spacing:
    stated = header.get("PixelSpacing")
    if stated is None:
        return Spacing.unknown("its header states no pixel distance")
    numbers = [positive(number) for number in np.atleast_1d(np.asarray(stated, object))]
    if len(numbers) != 2 or np.isnan(numbers).any():
        return Spacing.unknown("its Pixel Spacing is not two positive numbers")
    row, col = numbers
    return Spacing(row, col)
