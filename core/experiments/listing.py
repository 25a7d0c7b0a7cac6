"""`python -m core.experiments.listing`: every reproduced experiment, its claims and our verdicts.

One list over all projects in Markdown, as it stands in the README, made from the tables in runs/.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import Final

from core.checks import require
from core.commands import Parser, run_command
from core.experiments.files import in_order
from core.experiments.overview import Record, counted, place
from core.experiments.record import RECORD, read_record
from core.files import replace_text
from core.reports.results import markdown_table

BEGIN: Final = "<!-- experiments: written by make list-experiments -->\n"
END: Final = "<!-- end of experiments -->\n"
_HEAD: Final = ("In the paper", "Command", "Claim", "Our runs say")
_NONE: Final = ["(no claim to test)", "-"]


def main(args: Sequence[str] | None = None) -> int:
    """Print the list, or write it into a text between its two marks.

    Args:
        args: Command-line arguments; None takes those of the process.

    Returns:
        0 when done, 2 if nothing was reproduced yet, or the text has no place for it.
    """
    return run_command(lambda: _run(args))


def _run(args: Sequence[str] | None) -> int:
    parser = Parser(prog="python -m core.experiments.listing", description=__doc__)
    parser.add_argument("--size", default="small", help="the size whose tables are listed")
    parser.add_argument("--into", type=Path, help="a Markdown file with the list's two marks")
    asked = parser.parse_args(args)
    found = Path("runs").glob(f"*/*-{asked.size}/{RECORD}")
    folders = sorted((path.parent for path in found), key=lambda folder: in_order(str(folder)))
    expected = f"a table of size '{asked.size}', as `make reproduce-all` leaves it"
    require(bool(folders), "runs", expected, "none")
    text = listing(read_record(folder) for folder in folders)
    if asked.into:
        replace_text(asked.into, _placed(asked.into, text))
    else:
        sys.stdout.write(text)
    return 0


def listing(records: Iterable[Record]) -> str:
    """Return the list of experiments in Markdown, a part that folds out a project.

    Args:
        records: What table.json says of them, projects together.
    """
    parts = []
    for project, own in groupby(records, key=lambda record: record["project"]):
        every = list(own)
        table = markdown_table(_HEAD, [row for record in every for row in _rows(record)])
        several = "s" * (len(every) != 1)
        said = f"{len(every)} experiment{several}. {counted(every).strip()} {_images(every)}"
        head = f"<b>{project}</b>: {said.strip()}"
        parts.append(f"<details><summary>{head}</summary>\n\n{table}\n</details>\n")
    return "\n".join(parts)


def _placed(file: Path, part: str) -> str:
    """Return a file's text with another part between the marks BEGIN and END."""
    require(file.is_file(), "--into", "a file", str(file))
    before, begin, rest = file.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    require(bool(begin and end), file.name, f"the lines {BEGIN.strip()} and {END.strip()}")
    return f"{before}{begin}\n{part}\n{end}{after}"


def _images(records: Sequence[Record]) -> str:
    """Say of what kind the images are, where not all are real: "SIMULATED IMAGES"."""
    kinds = {record["warning"].partition(":")[0] for record in records}
    return ", ".join(sorted(filter(None, kinds)))


def _rows(record: Record) -> list[list[str]]:
    """Return a row a claim; what reproduces it is said once."""
    claims = [[claim["says"], claim["verdict"]] for claim in record["claims"]] or [_NONE]
    heads = [[place(record), f"`{record['command']}`"], *[["", ""]] * (len(claims) - 1)]
    return [[*head, *claim] for head, claim in zip(heads, claims, strict=True)]


if __name__ == "__main__":
    sys.exit(main())
