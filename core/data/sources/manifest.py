"""Images listed in a CSV file, with whatever is known of them."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from core.checks import nearest, require
from core.data import spacings
from core.data.listed import leads_out, read_rows
from core.data.sources.base import FileSource, some
from core.files import printable

_NOT_CARRIED = ["id", "image", "mask", "subject", "has_mask", "image_digest"]
_TAKEN_FROM = ("columns", "file")


class Manifest(FileSource):
    """Images, and masks, listed in a CSV file (UTF-8, comma-separated, with a header line).

    Columns: `image`; optionally `mask` (then in every row), `subject`, and the spacing as either
    `spacing_mm`, `spacing_row_mm` and `spacing_col_mm`, or `dpi`. Any further one (`device`,
    `region`, `split`...) is carried into the table as text. An image's id is its path as listed.
    Without a `subject` column each image counts as a subject of its own, and a warning says so.

    Args:
        csv: The CSV file.
        root: Folder that the paths start from; None takes the CSV file's own.
        foreground: Class index of each mask colour, for example {"128,0,0": 1, "0,128,0": 0}; None
            for binary masks.
        white_level: Value that becomes white, for images deeper than 8 bits.
        spacing: "columns" takes the pixel spacing from the columns, "file" what each image file
            states: DICOM its calibration, PNG, TIFF and JPEG their resolution. The latter is a
            display value unless the exporter made it physical: 442x565 pixels at 150 DPI would be
            75x96 mm of tissue. Unknown where nothing is stated.

    Raises:
        InputError: If the CSV or a file that it names is missing, a path leads out of the root, a
            column or cell is missing or wrong, the spacing is stated in two ways, or an image is
            listed twice.
    """

    def __init__(
        self,
        csv: Path | str,
        *,
        root: Path | str | None = None,
        foreground: Mapping[str, int] | None = None,
        white_level: float | None = None,
        spacing: Literal["columns", "file"] = "columns",
    ) -> None:
        csv = Path(csv)
        rows = _read(csv)
        _require_one_statement(rows, spacing)
        folder = csv.parent if root is None else Path(root)
        super().__init__(
            _table(rows, csv.name),
            _paths(rows["image"], folder),
            _paths(rows["mask"], folder) if "mask" in rows else None,
            foreground=foreground,
            white_level=white_level,
        )
        if spacing == "file":
            self.table = self.table.join(spacings.file_spacings(self.images))


def _require_one_statement(rows: pd.DataFrame, spacing: str) -> None:
    """Refuse spacing columns beside spacings that are to come from the files."""
    require(spacing in _TAKEN_FROM, "spacing", " or ".join(_TAKEN_FROM), spacing)
    listed = [column for column in spacings.COLUMNS if column in rows]
    expected = "none beside spacing='file'"
    require(spacing == "columns" or not listed, "spacing columns", expected, " and ".join(listed))


def _read(csv: Path) -> pd.DataFrame:
    """Return the rows, the cells that each must have checked."""
    rows = read_rows(csv)
    columns = [printable(column) for column in rows.columns]
    hint = nearest("image", columns)
    require("image" in rows, csv.name, f"a column 'image'{hint}", f"columns {some(columns, 12)}")
    require(len(rows), csv.name, "at least one row below the header", "none")
    for column in {"image", "mask", "subject"}.intersection(rows.columns):
        _require_filled(rows[column])
    return rows


def _require_filled(cells: pd.Series[str]) -> None:
    blank = [str(row + 2) for row in np.flatnonzero(cells.str.strip() == "")]
    got = f"{len(blank)} blank, in line {some(blank)}"
    require(not blank, f"column '{cells.name}'", "a value in every row", got)


def _paths(names: pd.Series[str], folder: Path) -> list[Path]:
    """Return the paths, all of them below the folder."""
    outside = [printable(name) for name in names if leads_out(folder, name)]
    got = f"{len(outside)} outside: {some(outside)}"
    require(not outside, f"column '{names.name}'", "paths below the root folder", got)
    return [folder / name for name in names]


def _table(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    table = pd.DataFrame({"id": rows["image"].map(printable)})
    table["subject"] = rows["subject"].map(printable) if "subject" in rows else table["id"]
    if "subject" not in rows:
        message = (
            f"{name} has no column 'subject': each image counts as a subject of its own, "
            "so images of one person may end up both in training and in testing"
        )
        warnings.warn(message, stacklevel=2)
    for column in rows.columns.difference([*_NOT_CARRIED, *spacings.COLUMNS], sort=False):
        table[column] = rows[column].map(printable)
    return table.join(spacings.listed_spacings(rows))
