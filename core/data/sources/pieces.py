"""Pieces of cines as the user lists them in a CSV file: which frames show which view."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from core.checks import nearest, require
from core.data.listed import leads_out, read_rows
from core.data.sources.base import some
from core.data.spacings import COLUMNS as SPACINGS
from core.files import printable

_COLUMNS: Final = ("cine", "subject", "device", "first_frame", "last_frame", "view")
_NOT_CARRIED: Final = ("id", "sequence", "frame", "image", "mask", "has_mask", "image_digest")
_MOST_FRAMES: Final = 100_000  # of a cine: half an hour at 50 frames a second


def read_pieces(csv: Path, folder: Path) -> pd.DataFrame:
    """Return the rows of a file of labels, without blanks around cells.

    Args:
        csv: The file; see `LabelledCines` for its columns.
        folder: Where the paths of cines start.

    Returns:
        The columns of the file but those that only a source fills; `cine` is the path below the
        folder, written in one way; first_frame and last_frame are integers.

    Raises:
        InputError: If the file or a column is missing, a cell is blank or no frame number, a path
            leads out of the folder, or one cine is of two subjects or devices.
    """
    rows = read_rows(csv)
    columns = [printable(column) for column in rows.columns]
    for column in _COLUMNS:
        hint = f"a column '{column}'{nearest(column, columns)}"
        require(column in columns, csv.name, hint, ", ".join(columns))
    rows = rows[rows.columns.difference([*_NOT_CARRIED, *SPACINGS], sort=False)].map(str.strip)
    for column in ("cine", "subject", "view"):
        _require_cells(rows[column], rows[column] != "", "a value")
    for column in ("first_frame", "last_frame"):
        rows[column] = _frame_numbers(rows[column])
    said = rows.columns.difference(["cine", "first_frame", "last_frame"])
    rows[said] = rows[said].map(printable)
    rows["cine"] = rows["cine"].map(lambda name: _below(folder, name, csv.name))
    for column in ("subject", "device"):
        _require_one(rows, column)
    return rows


def frames_of(piece: Mapping[Any, Any], every: int) -> pd.DataFrame:
    """Return a row for each n-th frame of a piece: all that is said of it, id, sequence, frame.

    Raises:
        InputError: If it ends before it begins.
    """
    known = dict(piece)
    first, last = known.pop("first_frame"), known.pop("last_frame")
    name = printable(piece["cine"])
    require(first <= last, f"cine {name}", "first_frame up to last_frame", f"{first} and {last}")
    frames = range(first, last + 1, every)
    ids = [f"{name}#{frame}" for frame in frames]
    return pd.DataFrame({"id": ids, **known, "sequence": f"{name}#{first}", "frame": frames})


def existing(folder: Path, name: str, csv: str) -> Path:
    """Return the path of a cine, which must be there."""
    path = folder / name
    windows = "\\" in name and not path.exists()
    expected = "a path with / between folders" if windows else "a file or folder"
    got = "\\" if windows else "nothing there"
    require(path.exists(), f"{csv}: cine {printable(name)}", expected, got)
    return path


def _frame_numbers(cells: pd.Series[str]) -> pd.Series[int]:
    short = cells.str.fullmatch("0*[0-9]{1,6}")  # no more digits than any integer holds
    numbers = cells.where(short, str(_MOST_FRAMES)).astype(np.int64)
    _require_cells(cells, numbers < _MOST_FRAMES, f"a frame number below {_MOST_FRAMES}")
    return numbers


def _require_cells(cells: pd.Series[str], fits: pd.Series[bool], what: str) -> None:
    """Refuse cells that do not fit, naming their lines in the file."""
    lines = [str(row + 2) for row in np.flatnonzero(~fits)]
    expected = f"{what} in every row"
    require(not lines, f"column '{cells.name}'", expected, f"others in line {some(lines)}")


def _below(folder: Path, name: str, csv: str) -> str:
    """Return a cine's path below the folder in one way of writing it: ./a//b is a/b."""
    subject = f"{csv}: cine {printable(name)}"
    require(not leads_out(folder, name), subject, "a path below the root folder")
    return (folder / name).relative_to(folder).as_posix()


def _require_one(rows: pd.DataFrame, column: str) -> None:
    """Refuse a cine with several values in this column, naming it."""
    for name, values in rows.groupby("cine")[column].unique().items():
        got = " and ".join(value or "none" for value in values)
        require(len(values) == 1, f"cine {printable(name)}", f"one {column} in all its rows", got)
