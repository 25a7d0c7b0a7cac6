"""`python -m core.cines FOLDER [--csv TABLE.csv]`: what is in each file, or why it is not read."""

from __future__ import annotations

import argparse
import math
import sys
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import pandas as pd

from core.checks import InputError, require
from core.cines.cine import Cine
from core.cines.find import find_cines, open_cine
from core.commands import Parser, run_command
from core.files import printable, replace_text

COLUMNS: Final = (
    *("file", "frames", "rows", "columns", "colour", "fps", "spacing_row_mm", "spacing_col_mm"),
    *("machine", "regions", "encoding", "reason"),
)
"""Of the table: `spacing_*` and `fps` are blank where unknown, and everything but `file` and
`reason` where the file cannot be read. Nothing in it is of a person, unless a file's name is."""

_COLUMNS: Final = 100  # characters of a line
_WIDTHS: Final = (29, 6, 9, 6, 5, 6, 3, 22)
_HEADINGS: Final = ("file", "frames", "size", "", "fps", "mm", "reg", "machine")


def main(args: Sequence[str] | None = None) -> int:
    """Open every file, decode its first frame, and print a line of each.

    Args:
        args: Command-line arguments; None takes those of the process.

    Returns:
        0 when done, 1 if no file could be read or the table cannot be written, 2 if there is no
        such folder, or no cine in it, or an option is wrong.
    """
    return run_command(lambda: _run(_parser().parse_args(args)))


def _run(given: argparse.Namespace) -> int:
    paths = find_cines(given.folder)
    require(paths, printable(given.folder), "a folder of cines", "one without any")
    sys.stdout.write(_line(*_HEADINGS))
    table = pd.DataFrame(_rows(given.folder, paths), columns=list(COLUMNS))
    if given.csv:
        replace_text(given.csv, table.to_csv(index=False))
    read = int((table["reason"] == "").sum())
    sys.stdout.write(f"{read} of {len(table)} files are read as cines\n")
    return 0 if read else 1


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="python -m core.cines", description=__doc__)
    parser.add_argument("folder", type=Path, help="of DICOM files, videos and images")
    parser.add_argument("--csv", type=Path, help="write the table into this file as well")
    return parser


def _rows(root: Path, paths: Sequence[Path]) -> Iterator[dict[str, object]]:
    """Yield a row a file, and print its line as soon as it is there."""
    for path in paths:
        name = printable(path.relative_to(root).as_posix() if path != root else path.name)
        try:
            with open_cine(path) as cine:
                cine[0]  # the first frame shows whether it can be decoded
                row, line = _row(cine), _line(name, *_cells(cine))
        except InputError as error:
            reason = " ".join(str(error).split())
            row, line = {"reason": reason}, _refusal(name, reason)
        sys.stdout.write(line)
        yield {"file": name, **row}


def _row(cine: Cine) -> dict[str, object]:
    return {
        "frames": cine.frames,
        "rows": cine.size[0],
        "columns": cine.size[1],
        "colour": cine.colour,
        "fps": round(cine.fps, 3),
        "spacing_row_mm": cine.spacing.row_mm,
        "spacing_col_mm": cine.spacing.col_mm,
        "machine": _machine(cine),
        "regions": len(cine.regions),
        "encoding": cine.encoding,
        "reason": "",
    }


def _cells(cine: Cine) -> tuple[str, ...]:
    """Return what the line says of a cine; its encoding stands in the CSV table only."""
    row_mm = cine.spacing.row_mm
    return (
        str(cine.frames),
        "{}x{}".format(*cine.size),
        "colour" if cine.colour else "grey",
        "-" if math.isnan(cine.fps) else f"{cine.fps:.4g}",
        "-" if math.isnan(row_mm) else f"{row_mm:.4f}",
        str(len(cine.regions)),
        _machine(cine, _WIDTHS[-1]) or "-",
    )


def _line(*cells: str) -> str:
    """Return cells as a line of columns; of a name that is too long the end tells more."""
    first = cells[0] if len(cells[0]) <= _WIDTHS[0] else f"…{cells[0][1 - _WIDTHS[0] :]}"
    padded = map(str.ljust, (first, *cells[1:]), _WIDTHS)
    return "  ".join(padded).rstrip() + "\n"


def _refusal(name: str, reason: str) -> str:
    """Return why a file is not read, beside its name."""
    words = f"not read: {reason.removeprefix(f'{Path(name).name}: ')}"
    wrapped = textwrap.wrap(words, _COLUMNS - _WIDTHS[0] - 2)
    return "".join(
        _line(cell, text) for cell, text in zip([name, *[""] * 9], wrapped, strict=False)
    )


def _machine(cine: Cine, most: int = 200) -> str:
    """Return maker and model, the maker cut where both are too long."""
    maker, room = cine.maker, max(most - len(cine.model) - 1, 2)
    maker = maker if len(maker) <= room else f"{maker[: room - 1]}…"
    return f"{maker} {cine.model}".strip()[:most]


if __name__ == "__main__":
    sys.exit(main())
