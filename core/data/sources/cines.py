"""Frames of cines as a source: labelled ones listed in a CSV file, or all of a folder."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from core.checks import InputError, require
from core.cines import Cine, find_cines, open_cine
from core.data.digests import digest, file_digests
from core.data.sources.base import RawSample, Source, require_folder, require_unique, some
from core.data.sources.pieces import existing, frames_of, read_pieces
from core.files import printable

UNKNOWN = "UNKNOWN"
"""The view of a piece that nobody could name."""


class FrameSource(Source):
    """Frames of cine files, decoded when they are asked for; the last cine stays open.

    Args:
        table: One row a frame, with `frame`, its number in the cine from 0; its `id` is the cine's
            path, # and this number.
        cines: The cine of each row.
    """

    def __init__(self, table: pd.DataFrame, cines: Sequence[Path]) -> None:
        self.table, self.cines = table, cines
        self._opened: tuple[Path, Cine] | None = None

    def __getitem__(self, index: int) -> RawSample:
        frame = int(self.table["frame"].iloc[index])
        name = self.table["id"].iloc[index].rpartition("#")[0]
        try:
            cine = self._cine(self.cines[index])
            last = len(cine) - 1
            require(frame <= last, name, f"listed frames up to its last, {last}", "further ones")
            return {"image": cine[frame]}
        except InputError as error:
            raise InputError(f"cine {name}: {_reason(error, name)}") from error

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
        """Hex digest of the frames' pixels: all files' content, and which frame of which.

        What is said of the frames is none of it: a corrected view must not decode all again. The
        names of a folder's files are, for they order its frames.
        """
        files = {path: _files(path) for path in dict.fromkeys(self.cines)}
        every = [file for path in files for file in files[path]]
        digests = dict(zip(every, file_digests(every, self.memo_folder), strict=True))
        of_cine = {
            path: digest([part for file in own for part in (_order(path, file), digests[file])])
            for path, own in files.items()
        }
        frames = zip(self.cines, self.table["frame"], strict=True)
        return digest(["frames", *(f"{of_cine[path]} {frame}" for path, frame in frames)])


class LabelledCines(FrameSource):
    """Cines whose views are listed in a CSV file, as the labelling page exports it.

    Columns: `cine` (a path), `subject`, `device`, `first_frame`, `last_frame` (from 0, inclusive)
    and `view`; one row a piece of a cine. Each piece is a sequence of its own; frames of one
    subject stay together. Pieces of view UNKNOWN are left out. Columns of the table: id, subject,
    sequence, frame, view, device, and any further one of the file (with `group`, rows of one value
    stay together too) but such as a source fills itself, `image_digest` for example.

    Args:
        csv: The CSV file.
        root: Folder that the paths start from; None takes the CSV file's own.
        every: Take each n-th frame of a piece; neighbours are much alike.

    Raises:
        InputError: If the file, a cine or a column is missing, a path leads out of the root, frame
            numbers are none or beyond 99,999, a cine is of two subjects or devices, or a frame is
            listed twice.
    """

    def __init__(self, csv: Path | str, *, root: Path | str | None = None, every: int = 1) -> None:
        csv = Path(csv)
        require(every > 0, "every", "a positive number", every)
        folder = csv.parent if root is None else Path(root)
        pieces = read_pieces(csv, folder)
        pieces = pieces[pieces["view"] != UNKNOWN]
        require(len(pieces), csv.name, f"pieces with a view other than {UNKNOWN}", "none")
        paths = {name: existing(folder, name, csv.name) for name in pieces["cine"].unique()}
        parts = [frames_of(piece, every) for piece in pieces.to_dict("records")]
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
                self.skipped[name] = _reason(error, name)
        reasons = some([f"{name}: {reason}" for name, reason in self.skipped.items()], 3)
        require(tables, "root", "a folder with readable cines", reasons or "an empty one")
        super().__init__(pd.concat(tables, ignore_index=True), paths)


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
    if not path.is_dir():
        return [path]
    return sorted(file for file in path.iterdir() if file.is_file() and file.name[0] != ".")


def _order(path: Path, file: Path) -> str:
    """Return what orders a file among those of its cine; nothing for a cine in one file."""
    return "" if file == path else file.name


def _reason(error: InputError, name: str) -> str:
    """Return what is wrong with a cine, without the name that its path tells more of."""
    reason = str(error)
    for known in (name, Path(name).name):
        reason = reason.removeprefix(f"{known}: ")
    return reason
