"""`python -m core.cines FOLDER [--csv TABLE.csv]`: what is in each file, or why it is not read."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import pandas as pd

from core.checks import InputError, RunError
from core.cines.cine import Cine
from core.cines.find import find_cines, open_cine
from core.files import printable, replace_text

COLUMNS: Final = (
    *("file", "frames", "rows", "columns", "colour", "fps", "spacing_row_mm", "spacing_col_mm"),
    *("machine", "regions", "encoding", "reason"),
)
"""Of the table: `spacing_*` and `fps` are blank where unknown, and everything but `file` and
`reason` where the file cannot be read. Nothing in it is of a person, unless a file's name is."""


def main(args: Sequence[str] | None = None) -> int:
    """Open every file, decode its first frame, and print a line of each.

    Args:
        args: Command-line arguments; None takes those of the process.

    Returns:
        0 when done, 1 if no file could be read or the table cannot be written, 2 if there is no
        such folder.
    """
    options = _parser().parse_args(args)
    try:
        table = pd.DataFrame(_rows(options.folder), columns=list(COLUMNS))
        if options.csv:
            replace_text(options.csv, table.to_csv(index=False))
    except (InputError, RunError) as error:
        sys.stderr.write(f"error: {' '.join(str(error).split())}\n")
        return 2 if isinstance(error, InputError) else 1
    read = int((table["reason"] == "").sum())
    sys.stdout.write(f"{read} of {len(table)} files are read as cines\n")
    return 0 if read else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m core.cines", description=__doc__)
    parser.add_argument("folder", type=Path, help="of DICOM files, videos and images")
    parser.add_argument("--csv", type=Path, help="write the table into this file as well")
    return parser


def _rows(root: Path) -> Iterator[dict[str, object]]:
    """Yield a row a file, and print it as soon as it is there."""
    for path in find_cines(root):
        name = printable(path.relative_to(root).as_posix() if path != root else path.name)
        try:
            with open_cine(path) as cine:
                cine[0]  # the first frame shows whether it can be decoded
                row, line = _row(cine), _line(cine)
        except InputError as error:
            row = {"reason": " ".join(str(error).split())}
            line = f"not read; {row['reason']}"
        sys.stdout.write(f"{name}: {line}\n")
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


def _line(cine: Cine) -> str:
    """Return what the row says in words."""
    row_mm = cine.spacing.row_mm
    return ", ".join(
        [
            _counted(cine.frames, "frame"),
            "{}x{} {}".format(*cine.size, "colour" if cine.colour else "grey"),
            "fps unknown" if math.isnan(cine.fps) else f"{cine.fps:.4g} fps",
            "spacing unknown" if math.isnan(row_mm) else f"{row_mm:.4g} mm",
            _machine(cine) or "machine unknown",
            _counted(len(cine.regions), "region"),
            cine.encoding,
        ]
    )


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _machine(cine: Cine) -> str:
    return f"{cine.maker} {cine.model}".strip()


if __name__ == "__main__":
    sys.exit(main())
