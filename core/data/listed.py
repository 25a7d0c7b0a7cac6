"""CSV files in which a user lists what belongs to a data set."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from core.checks import InputError, first_line, require
from core.files import printable


def read_rows(csv: Path) -> pd.DataFrame:
    """Return all cells as text; bytes that are no UTF-8 are kept, for they may name files.

    Args:
        csv: UTF-8, comma-separated, with a header line.

    Raises:
        InputError: If the file is missing or no table, or other characters part its columns.
    """
    require(csv.is_file(), "csv", "a CSV file", printable(csv))
    try:
        rows = pd.read_csv(
            csv,
            dtype=str,
            keep_default_na=False,
            index_col=False,
            encoding="utf-8-sig",
            encoding_errors="surrogateescape",
        )
    except ValueError as error:  # the parser's own errors are of this type too
        reason = first_line(error)
        raise InputError(f"{csv.name}: expected a comma-separated table, got {reason}") from error
    header = "".join(rows.columns) if len(rows.columns) == 1 else ""
    for mark in {";", "\t"}.intersection(header):
        require(False, csv.name, "commas between columns", repr(mark))
    return rows


def leads_out(folder: Path, name: str) -> bool:
    """Return whether a listed path is not below its folder."""
    return ".." in Path(name).parts or not (folder / name).is_relative_to(folder)
