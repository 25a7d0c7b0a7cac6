"""The labels as a table, and what labellers disagree on as another one."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple

from core.checks import InputError, require
from core.files import printable, replace_text
from core.labelling.catalogue import Catalogue, Item
from core.labelling.history import History, Opinion, Piece

DISAGREEMENTS: Final = "disagreements.csv"


class Row(NamedTuple):
    """A piece of a cine and its view.

    Attributes:
        cine: Path below the input folder, / separated.
        subject: Patient ID of the file; `cine` where unknown, as if it were of a person of its own.
        device: Maker and model; empty where unknown.
        first_frame, last_frame: From 0, inclusive.
        view: A view, or UNKNOWN.
        labeller: Who says so; several, who agree, by name and separated by "; ".
    """

    cine: str
    subject: str
    device: str
    first_frame: int
    last_frame: int
    view: str
    labeller: str


_HEADER = ",".join(Row._fields)


class Labels(NamedTuple):
    """All labels.

    Attributes:
        agreed: A row a piece, where all who labelled it agree, by path and frame.
        disputed: The other pieces, a row for each labeller's view.
        absent: Labelled cines that are not in the folder.
    """

    agreed: list[Row]
    disputed: list[Row]
    absent: int

    @property
    def summary(self) -> str:
        """What was found, in one line."""
        cines, labels = len({row.cine for row in self.agreed}), len(self.agreed)
        views = Counter(row.view for row in self.agreed)
        counts = ", ".join(f"{view} {views[view]}" for view in sorted(views))
        disputed = len({(row.cine, row.first_frame) for row in self.disputed})
        nameless = len({row.cine for row in self.agreed if row.subject == row.cine})
        parts = [f"{labels} labels of {cines} cines ({counts})" if labels else "no labels"]
        if nameless:
            parts.append(f"{nameless} cines name no patient: each counts as a subject of its own")
        if disputed:
            parts.append(f"{disputed} left out, on which labellers disagree ({DISAGREEMENTS})")
        if self.absent:
            parts.append(f"{self.absent} labelled cines are not in the folder")
        return "; ".join(parts)


def labels_of(catalogue: Catalogue, history: History) -> Labels:
    """Put together what all labellers said.

    Where one split a cine and another did not, they are compared piece by piece of the finer
    division.

    Args:
        catalogue: The cines, all read.
        history: What was said.
    """
    agreed, disputed = [], []
    for item in sorted(catalogue.items, key=catalogue.name):
        for piece, views in _pieces(item, history.opinions(item.digest)):
            if len(set(views.values())) == 1:
                view = next(iter(views.values()))
                agreed.append(_row(catalogue, item, piece, view, "; ".join(views)))
            else:
                disputed += [_row(catalogue, item, piece, views[who], who) for who in views]
    unknown = (cine for cine in history.cines if not catalogue.get(cine))
    absent = sum(any(said.views for said in history.opinions(cine).values()) for cine in unknown)
    return Labels(agreed, disputed, absent)


def _pieces(
    item: Item, opinions: Mapping[str, Opinion]
) -> Iterator[tuple[tuple[int, int], dict[str, str]]]:
    """Yield first and last frame of each labelled piece, and its views by labeller, sorted."""
    said = {who: opinions[who].pieces(item.frames) for who in sorted(opinions)}
    starts = sorted({piece.first for pieces in said.values() for piece in pieces})
    for first, end in pairwise([*starts, item.frames]):
        views = {who: _view_at(pieces, first) for who, pieces in said.items()}
        if known := {who: view for who, view in views.items() if view}:
            yield (first, end - 1), known


def _view_at(pieces: Sequence[Piece], frame: int) -> str:
    return next(piece.view for piece in reversed(pieces) if piece.first <= frame)


def _row(catalogue: Catalogue, item: Item, piece: tuple[int, int], view: str, labeller: str) -> Row:
    name = printable(catalogue.name(item))
    return Row(name, item.subject or name, item.device, *piece, view, labeller)


def text_of(rows: Sequence[Row]) -> str:
    """Return rows as CSV with a header."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerows([Row._fields, *rows])
    return buffer.getvalue()


def write_labels(path: Path, labels: Labels) -> None:
    """Write a table of labels, and beside it that of the disagreements, if only the header.

    Raises:
        InputError: If there is a file already that is not such a table.
        RunError: If they cannot be written.
    """
    tables = {path: labels.agreed, path.with_name(DISAGREEMENTS): labels.disputed}
    require(len(tables) == 2, "--export", f"another name than {DISAGREEMENTS}")
    for table in tables:
        _require_replaceable(table)
    for table, rows in tables.items():
        replace_text(table, text_of(rows))


def _require_replaceable(path: Path) -> None:
    """Refuse to write over a file that is no table of labels."""
    try:
        with path.open("rb") as file:
            begins = file.read(len(_HEADER))
    except FileNotFoundError:
        return
    except OSError as error:
        raise InputError(f"{printable(path)}: expected a new file: {error.strerror}") from error
    expected = "a new file, or a former table of labels"
    require(begins in (b"", _HEADER.encode()), printable(path), expected, "another file")
