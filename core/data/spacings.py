"""The distance between pixels in millimetres: as a table lists it, or as an image file states it.

The resolution in a PNG, TIFF or JPEG file is a value for printing and display. It is a distance in
tissue only if the exporter made it one: 442x565 pixels at 150 DPI would show 75x96 mm,
deeper than most nerve images. Check one image against its depth scale before believing it.
"""

from __future__ import annotations

import math
import warnings
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image
from tqdm import tqdm

from core.checks import require
from core.data.sources.base import some
from core.dicom.header import is_dicom, read_header, reading
from core.dicom.spacing import Spacing, positive, spacing_mm
from core.files import printable
from core.pictures import opened

COLUMNS = ("spacing_mm", "spacing_row_mm", "spacing_col_mm", "dpi")
_WAYS: tuple[list[str], ...] = ([], ["spacing_mm"], ["spacing_row_mm", "spacing_col_mm"], ["dpi"])
_INCH_MM = 25.4
_JFIF_UNITS_MM = {1: _INCH_MM, 2: 10.0}
_TIFF_UNITS_MM = {2: _INCH_MM, 3: 10.0}
_TIFF_UNIT, _TIFF_X, _TIFF_Y = 296, 282, 283


def listed_spacings(rows: pd.DataFrame) -> pd.DataFrame:
    """Return row and column spacing as the cells of a table list it.

    Args:
        rows: Text cells; at most one way of stating it: `spacing_mm`, or `spacing_row_mm` and
            `spacing_col_mm`, or `dpi` (25.4 / dpi mm).

    Returns:
        Columns `spacing_row_mm` and `spacing_col_mm`, NaN where a cell is blank; no columns if the
        table lists none.

    Raises:
        InputError: If the spacing is stated in two ways or half, or a cell is no positive number.
    """
    given = [column for column in COLUMNS if column in rows]
    expected = "spacing_mm, or both spacing_row_mm and spacing_col_mm, or dpi"
    require(given in _WAYS, "spacing columns", expected, " and ".join(given))
    if not given:
        return pd.DataFrame(index=rows.index)
    values = [_positive_numbers(rows[column]) for column in given]
    if given == ["dpi"]:
        values = [_INCH_MM / values[0]]
    return pd.DataFrame({"spacing_row_mm": values[0], "spacing_col_mm": values[-1]})


def file_spacings(paths: Sequence[Path]) -> pd.DataFrame:
    """Return row and column spacing as image files themselves state it.

    DICOM files state it for tissue, see `core.dicom.spacing.spacing_mm`; of all others the
    resolution is taken at its word. A warning counts the files without, by reason.

    Args:
        paths: Image files.

    Returns:
        Columns `spacing_row_mm` and `spacing_col_mm`, one row a file, NaN where it states none.

    Raises:
        InputError: If a file cannot be read.
    """
    looked_at = tqdm(paths, desc="reading spacings", unit="image", delay=1, leave=False)
    found = [file_spacing(path) for path in looked_at]
    if reasons := Counter(spacing.reason for spacing in found if spacing.reason):
        counts = "; ".join(f"{count}: {reason}" for reason, count in reasons.most_common())
        message = f"{reasons.total()} of {len(found)} images have no known pixel spacing ({counts})"
        warnings.warn(message, stacklevel=3)
    return as_columns(found)


def as_columns(spacings: Sequence[Spacing]) -> pd.DataFrame:
    """Return the spacings as the columns of a source's table."""
    rows = [(spacing.row_mm, spacing.col_mm) for spacing in spacings]
    return pd.DataFrame(rows, columns=["spacing_row_mm", "spacing_col_mm"], dtype=float)


def file_spacing(path: Path) -> Spacing:
    """Return the spacing that an image file states; see the warning at the head of this file.

    Raises:
        InputError: If the file cannot be read.
    """
    if is_dicom(path):
        with reading(path):
            return spacing_mm(read_header(path))
    with opened(path, printable(path.name)) as image:
        unit_mm, across, down = _resolution(image)
    row_mm, col_mm = unit_mm / positive(down), unit_mm / positive(across)
    if math.isnan(row_mm + col_mm):
        return Spacing.unknown("the file states no resolution with its unit")
    return Spacing(row_mm, col_mm)


def _resolution(image: Image.Image) -> tuple[float, Any, Any]:
    """Return a unit in mm and the pixels in it, across and down; the unit is NaN if none is stated.

    Pillow's own `dpi` is taken from PNG alone: for others that name no unit, it makes one up.
    """
    if "jfif_unit" in image.info:
        across, down = image.info["jfif_density"]
        return _JFIF_UNITS_MM.get(image.info["jfif_unit"], math.nan), across, down
    if image.format == "PNG":
        return _INCH_MM, *image.info.get("dpi", (None, None))
    tags = image.getexif()
    unit_mm = _TIFF_UNITS_MM.get(tags.get(_TIFF_UNIT, 0), math.nan)
    return unit_mm, tags.get(_TIFF_X), tags.get(_TIFF_Y)


def _positive_numbers(cells: pd.Series[str]) -> pd.Series[float]:
    """Return positive numbers, NaN where blank."""
    blank = cells.str.strip().isin(["", "nan", "NaN"])
    values = pd.to_numeric(cells.where(~blank), errors="coerce").astype(float)
    wrong = ~blank & ~(np.isfinite(values) & (values > 0))
    got = [f"{printable(cells[row])} in line {row + 2}" for row in np.flatnonzero(wrong)]
    require(not got, f"column '{cells.name}'", "positive numbers", some(got))
    return values
