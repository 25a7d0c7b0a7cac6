"""The parts of an ultrasound image that its DICOM header tells apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pydicom import Dataset


class Region(NamedTuple):
    """One item of the Sequence of Ultrasound Regions (PS3.3 C.8.5.5).

    Attributes:
        x0: First column.
        y0: First row.
        x1: Last column, inside.
        y1: Last row, inside.
        spatial_format: 1 two-dimensional, 2 M-mode, 3 spectral, 4 waveform, 5 graphics; 0 none.
        data_type: 1 tissue, 2 colour flow, 3 pulsed Doppler, and so on; 0 none.
    """

    x0: int
    y0: int
    x1: int
    y1: int
    spatial_format: int
    data_type: int


def regions_of(header: Dataset) -> tuple[Region, ...]:
    """Return the regions of an image, clipped to it.

    Some scanners name the pixel behind the last one. A region that reaches further shows that the
    image was scaled or cropped after the header was written: then none of them holds.

    Args:
        header: What the file states.

    Returns:
        The regions in the header's order; none if it states none that hold.

    Raises:
        ValueError, TypeError, AttributeError: If an item lacks a corner or holds no numbers.
    """
    items = header.get("SequenceOfUltrasoundRegions") or ()
    if any(reaches_beyond(item, header) for item in items):
        return ()
    return tuple(_clipped(item, header) for item in items)


def reaches_beyond(item: Dataset, header: Dataset) -> bool:
    """Return whether a region ends outside; some scanners name the pixel behind its last one."""
    right, bottom = item.get("RegionLocationMaxX1", 0), item.get("RegionLocationMaxY1", 0)
    return int(right) > int(header.Columns) or int(bottom) > int(header.Rows)


def _clipped(item: Dataset, header: Dataset) -> Region:
    x1 = min(int(item.RegionLocationMaxX1), int(header.Columns) - 1)
    y1 = min(int(item.RegionLocationMaxY1), int(header.Rows) - 1)
    x0 = min(max(int(item.get("RegionLocationMinX0", 0)), 0), x1)
    y0 = min(max(int(item.get("RegionLocationMinY0", 0)), 0), y1)
    kinds = (int(item.get(key) or 0) for key in ("RegionSpatialFormat", "RegionDataType"))
    return Region(x0, y0, x1, y1, *kinds)
