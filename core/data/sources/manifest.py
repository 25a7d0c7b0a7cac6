"""Images listed in a CSV file, with whatever is known of them."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from core.checks import InputError, nearest, require
from core.data.files import printable
from core.data.sources.base import FileSource, some

_KNOWN = ("image", "mask", "subject", "spacing_mm", "spacing_row_mm", "spacing_col_mm", "device", "region", "split")
_COMPUTED = ("id", "image", "mask", "subject", "has_mask", "image_digest", "spacing_mm")


class Manifest(FileSource):
    """Images, and masks, listed in a CSV file (UTF-8, comma-separated, a header line).

    Columns: `image`, optionally `mask` (then for every row), `subject`, `spacing_mm` or `spacing_row_mm` and
    `spacing_col_mm`; any further one (`device`, `region`, `split`...) is carried into the table as text. An
    image's id is its path as listed. Without a `subject` column each image counts as a subject of its own, and a
    warning says so.

    Args:
        csv: The CSV file.
        root: Folder that the paths start from; None takes the CSV file's own.
        foreground: Class index of each mask colour, e.g. {"128,0,0": 1, "0,128,0": 0}; None for binary masks.
        white_level: Value that becomes white, for images deeper than 8 bits.

    Raises:
        InputError: If the CSV or a file it names is missing, a path leads out of the root, a column or cell is
            missing or wrong, or an image is listed twice.
    """

    def __init__(
        self,
        csv: Path | str,
        *,
        root: Path | str | None = None,
        foreground: Mapping[str, int] | None = None,
        white_level: float | None = None,
    ) -> None:
        csv = Path(csv)
        rows = _read(csv)
        folder = csv.parent if root is None else Path(root)
        images = _paths(rows["image"], folder)
        masks = _paths(rows["mask"], folder) if "mask" in rows else None
        super().__init__(_table(rows, csv.name), images, masks, foreground=foreground, white_level=white_level)


def _read(csv: Path) -> pd.DataFrame:
    """Return all cells as text."""
    require(csv.is_file(), "csv", "a CSV file", printable(csv))
    try:
        rows = pd.read_csv(
            csv, dtype=str, keep_default_na=False, encoding="utf-8-sig", encoding_errors="surrogateescape",
            skipinitialspace=True, index_col=False, on_bad_lines="error",
        )  # fmt: skip
    except ValueError as error:  # pandas' parser errors are ValueErrors
        raise InputError(f"{csv.name}: expected a comma-separated table, got {str(error).splitlines()[0]}") from error
    rows.columns = rows.columns.str.strip()
    close = "".join(nearest("image", [column for column in rows.columns if column not in _KNOWN]))
    require("image" in rows, csv.name, f"a column 'image'{close}", f"columns {some(list(rows.columns), 12)}")
    require(len(rows), csv.name, "at least one row", "none")
    for column in ("image", "mask", "subject"):
        _require_filled(rows, column)
    return rows


def _require_filled(rows: pd.DataFrame, column: str) -> None:
    if column in rows:
        blank = [str(number + 2) for number in np.flatnonzero(rows[column].str.strip() == "")]
        require(not blank, f"column '{column}'", "a value in every row", f"none in {len(blank)}: line {some(blank)}")


def _paths(names: pd.Series[str], folder: Path) -> list[Path]:
    """Return the paths below the folder."""
    top = os.path.abspath(folder)
    paths = [os.path.abspath(os.path.join(top, name)) for name in names]
    outside = [printable(name) for name, path in zip(names, paths, strict=True) if not path.startswith(top + os.sep)]
    require(not outside, f"column '{names.name}'", "paths below the root", f"{len(outside)} outside: {some(outside)}")
    return [Path(path) for path in paths]


def _table(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    ids = rows["image"].map(printable)
    table = pd.DataFrame({"id": ids, "subject": rows["subject"].map(printable) if "subject" in rows else ids})
    if "subject" not in rows:
        message = (
            f"{name} has no column 'subject': each image counts as a subject of its own, "
            "so images of one person may be trained on and tested on"
        )
        warnings.warn(message, stacklevel=4)
    for column in rows.columns.difference(_COMPUTED, sort=False):
        numeric = column.startswith("spacing_")
        table[column] = _spacing(rows[column]) if numeric else rows[column].map(printable)
    if "spacing_mm" in rows:
        table["spacing_row_mm"] = table["spacing_col_mm"] = _spacing(rows["spacing_mm"])
    return table


def _spacing(cells: pd.Series[str]) -> pd.Series[float]:
    """Return positive millimetres, NaN where blank."""
    blank = cells.str.strip().isin(["", "nan", "NaN"])
    values = pd.to_numeric(cells.where(~blank), errors="coerce")
    wrong = ~blank & ~(np.isfinite(values) & (values > 0))
    got = [f"{printable(cells[i])} in line {i + 2}" for i in np.flatnonzero(wrong)]
    require(not got, f"column '{cells.name}'", "positive numbers of mm", some(got))
    return values.astype(float)
