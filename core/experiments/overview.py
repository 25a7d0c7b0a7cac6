"""All experiments of a project on one page: what the paper says, and what the runs say to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from core.experiments.provenance import named
from core.experiments.record import read_record
from core.files import replace_text
from core.reports.results import RESULTS, markdown_table, slug
from core.reports.tables import duration
from core.reports.templates import render

_TEMPLATE: Final = "overview.html"
_HEAD: Final = ("In the paper", "Command", "Runs", "Time", "The paper says", "Our runs")

Record = Mapping[str, Any]
"""What table.json says of an experiment."""


def write_overview(
    project: str, size: str, folders: Sequence[Path], overrides: Sequence[str] = ()
) -> Path:
    """Write reproduced-<size>.md and .html beside a project's tables, an experiment a line.

    Args:
        project: The project's name.
        size: The size that was run.
        folders: Of its tables, at least one.
        overrides: Options that went to every run.

    Returns:
        The page.
    """
    records = {folder.name: read_record(folder) for folder in folders}
    page = folders[0].parent / f"{named('reproduced', size, overrides)}.html"
    warnings = {record["warning"] for record in records.values()}
    warning = max(warnings, key=len)
    lines = [f"# {project}: {len(records)} experiments, size '{size}'\n", counted(records.values())]
    lines += [f"**{warning}**\n"] if warning else []
    rows = [_line(name, record) for name, record in records.items()]
    replace_text(page.with_suffix(".md"), "\n".join([*lines, markdown_table(_HEAD, rows)]))
    shown = {
        "project": project,
        "size": size,
        "said": counted(records.values()).strip(),
        "warning": warning,
        "experiments": [
            {
                **record,
                "href": f"{name}/{RESULTS}",
                "place": place(record),
                "said": runs(record),
                "time": duration(sum(record["runs"].values())),
            }
            for name, record in records.items()
        ],
    }
    replace_text(page, render(_TEMPLATE, slug=slug, **shown))
    return page


def place(record: Record) -> str:
    """Return what a table reproduces, such as "Table 2", or its whole title."""
    return str(record["title"]).partition(":")[0]


def runs(record: Record) -> str:
    """Say how many runs there are of how many; a table of counts has none."""
    expected = record["expected"]
    return f"{len(record['runs'])} of {expected} runs" if expected else "counted, no runs"


def counted(records: Iterable[Record]) -> str:
    """Say how many claims came out how, and how many runs there are, shared ones once."""
    every = list(records)
    verdicts = [claim["verdict"] for record in every for claim in record["claims"]]
    runs = {name: seconds for record in every for name, seconds in record["runs"].items()}
    missing = sum(record["expected"] - len(record["runs"]) for record in every)
    said = ", ".join(f"{verdicts.count(word)} {word}" for word in dict.fromkeys(sorted(verdicts)))
    claims = f"{len(verdicts)} claims" + (f": {said}" if said else "")
    rest = f" ({missing} in tables are missing)" if missing else ""
    return (
        f"{claims}. {len(runs)} runs{rest}, {duration(sum(runs.values()))} of training and tests.\n"
    )


def _line(folder: str, record: Record) -> list[str]:
    """Return an experiment's line; its claims below each other."""
    claims = record["claims"]
    return [
        f"[{place(record)}]({folder}/{RESULTS})",
        f"`{record['command']}`",
        runs(record),
        duration(sum(record["runs"].values())) if record["runs"] else "-",
        "<br>".join(claim["says"] for claim in claims) or "-",
        "<br>".join(claim["verdict"] for claim in claims) or "-",
    ]
