"""Frames of cines as a source: labelled ones listed in a CSV file, or all of a folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from core.checks import InputError, nearest, require
from core.cines import Cine, find_cines, open_cine
from core.data.digests import digest, file_digests
from core.data.listed import leads_out, read_rows
from core.data.sources.base import RawSample, Source, require_folder, require_unique, some
from core.files import printable

UNKNOWN = "UNKNOWN"
"""The view of a piece that nobody could name."""
_COLUMNS = ("cine", "subject", "device", "first_frame", "last_frame", "view")


class FrameSource(Source):
    """Frames of cine files, decoded when they are asked for; the last cine stays open.

    Args:
        table: One row a frame, with `frame`, its number in the cine from 0.
        cines: The cine of each row.
    """

    def __init__(self, table: pd.DataFrame, cines: Sequence[Path]) -> None:
        self.table, self.cines = table, cines
        self._opened: tuple[Path, Cine] | None = None

    def __getitem__(self, index: int) -> RawSample:
        cine, frame = self._cine(self.cines[index]), int(self.table["frame"].iloc[index])
        if frame >= len(cine):
            raise InputError(f"cine {cine.name}: expected frame {frame}, got {len(cine)} frames")
        return {"image": cine[frame]}

    def __getstate__(self) -> dict[str, object]:
        """Leave the open cine out: a worker process opens its own."""
        return {**self.__dict__, "_opened": None}

    def _cine(self, path: Path) -> Cine:
        """Return the cine of this path, opened; close another one."""
        if self._opened is not None:
            former, cine = self._opened
            if former == path:
                return cine
            cine.close()
        self._opened = path, open_cine(path)
        return self._opened[1]

    @cached_property
    def fingerprint(self) -> str:
        """Hex digest of all files' content and of the table; worked out once."""
        paths = list(dict.fromkeys(self.cines))
        files = [file for path in paths for file in _files(path)]
        digests = file_digests(files, self.memo_folder)
        return digest([type(self).__name__, self.table.to_csv(index=False), *digests])


class LabelledCines(FrameSource):
    """Cines whose views are listed in a CSV file, as the labelling page exports it.

    Columns: `cine` (a path), `subject`, `device`, `first_frame`, `last_frame` (from 0, inclusive)
    and `view`; one row a piece of a cine. Each piece is a sequence of its own; frames of one
    subject stay together. Pieces of view UNKNOWN are left out. Columns of the table: id, subject,
    sequence, frame, view, device, and any further one of the file.

    Args:
        csv: The CSV file.
        root: Folder that the paths start from; None takes the CSV file's own.
        every: Take each n-th frame of a piece; neighbours are much alike.

    Raises:
        InputError: If the file, a cine or a column is missing, a path leads out of the root, frame
            numbers are none, or a frame is listed twice.
    """

    def __init__(self, csv: Path | str, *, root: Path | str | None = None, every: int = 1) -> None:
        csv = Path(csv)
        require(every > 0, "every", "a positive number", every)
        pieces = _read_pieces(csv)
        pieces = pieces[pieces["view"] != UNKNOWN]
        require(len(pieces), csv.name, f"pieces with a view other than {UNKNOWN}", "none")
        folder = csv.parent if root is None else Path(root)
        paths = {name: _inside(folder, name, csv.name) for name in pieces["cine"].unique()}
        parts = [_frames_of(dict(piece), every) for _, piece in pieces.iterrows()]
        table = pd.concat(parts, ignore_index=True)
        require_unique(table["id"])
        super().__init__(table.drop(columns="cine"), [paths[name] for name in table["cine"]])


class CineFolder(FrameSource):
    """All frames of every readable cine of a folder and its sub-folders, to predict on.

    Columns of the table: id, subject (that the file states, else the cine), sequence (the cine's
    path below the folder), frame, device.

    Args:
        root: The folder.
        every: Take each n-th frame of a cine.

    Attributes:
        skipped: The reason by cine (its path inside the folder), for each that was passed over.

    Raises:
        InputError: If the folder is missing or holds no readable cine.
    """

    def __init__(self, root: Path | str, *, every: int = 1) -> None:
        root = Path(root)
        require(every > 0, "every", "a positive number", every)
        require_folder(root, "root")
        self.skipped: dict[str, str] = {}
        tables, paths = [], []
        cines = find_cines(root)
        for path in tqdm(cines, desc="reading cines", unit="cine", delay=1, leave=False):
            name = printable(path.relative_to(root).as_posix())
            try:
                tables.append(_all_frames(path, name, every))
                paths += [path] * len(tables[-1])
            except InputError as error:
                self.skipped[name] = str(error)
        reasons = some([f"{name}: {reason}" for name, reason in self.skipped.items()], 3)
        require(tables, "root", "a folder with readable cines", reasons or "an empty one")
        super().__init__(pd.concat(tables, ignore_index=True), paths)


def _read_pieces(csv: Path) -> pd.DataFrame:
    """Return the rows of a file of labels, their cells checked."""
    rows = read_rows(csv)
    columns = [printable(column) for column in rows.columns]
    for column in _COLUMNS:
        hint = f"a column '{column}'{nearest(column, columns)}"
        require(column in columns, csv.name, hint, ", ".join(columns))
    for column in ("cine", "subject", "view"):
        _require_cells(rows[column], rows[column].str.strip() != "", "a value")
    for column in ("first_frame", "last_frame"):
        _require_cells(rows[column], rows[column].str.fullmatch(r"\d+"), "a frame number")
        rows[column] = rows[column].astype(np.int64)
    said = rows.columns.difference(["cine", "first_frame", "last_frame"])
    rows[said] = rows[said].map(printable)
    return rows


def _require_cells(cells: pd.Series[str], fits: pd.Series[bool], what: str) -> None:
    """Refuse cells that do not fit, naming their lines in the file."""
    lines = [str(row + 2) for row in np.flatnonzero(~fits)]
    expected = f"{what} in every row"
    require(not lines, f"column '{cells.name}'", expected, f"others in line {some(lines)}")


def _inside(folder: Path, name: str, csv: str) -> Path:
    """Return the path of a cine, which must lie below the folder."""
    subject, path = f"{csv}: cine {printable(name)}", folder / name
    require(not leads_out(folder, name), subject, "a path below the root folder")
    require(path.exists(), subject, "a file or folder", "nothing there")
    return path


def _frames_of(piece: Mapping[Any, Any], every: int) -> pd.DataFrame:
    """Return a row for each frame of a piece that is used."""
    first, last = int(piece["first_frame"]), int(piece["last_frame"])
    name = printable(piece["cine"])
    require(first <= last, f"cine {name}", "first_frame up to last_frame", f"{first} and {last}")
    frames = range(first, last + 1, every)
    known = {key: value for key, value in piece.items() if key not in ("first_frame", "last_frame")}
    return pd.DataFrame(
        {
            "id": [f"{name}#{frame}" for frame in frames],
            "sequence": f"{name}#{first}",
            "frame": frames,
            **known,
        }
    )


def _all_frames(path: Path, name: str, every: int) -> pd.DataFrame:
    """Return a row for each frame of a readable cine that is used.

    All of these are read once here, so that a torn file is passed over now instead of ending a
    prediction half-way.
    """
    with open_cine(path) as cine:
        frames = range(0, cine.frames, every)
        for frame in frames:
            _ = cine[frame]
        return pd.DataFrame(
            {
                "id": [f"{name}#{frame}" for frame in frames],
                "subject": cine.subject or name,
                "sequence": name,
                "frame": frames,
                "device": f"{cine.maker} {cine.model}".strip(),
            }
        )


def _files(path: Path) -> list[Path]:
    """Return the files that a cine is made of."""
    return sorted(file for file in path.iterdir() if file.is_file()) if path.is_dir() else [path]
