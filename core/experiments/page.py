"""A table as files: table.csv and table.json for programs, table.md and table.html for readers."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from core.experiments.collect import Line, collect
from core.experiments.evidence import Evidence
from core.experiments.figures import draw_figure
from core.experiments.judge import judge
from core.experiments.layout import data_kind, headings, remark, statement, table_row
from core.experiments.provenance import command, facts, ours, seconds, warning
from core.experiments.record import write_record
from core.experiments.spec import Done, Experiment, label
from core.files import replace_text
from core.reports.results import ResultPage, markdown, write_results
from core.reports.run_folder import REPORT

if TYPE_CHECKING:  # brings matplotlib
    from core.reports.case_rows import Source

_BESIDE: Final = {"table.csv": "table.csv", "table.md": "table.md"}
_NOTES: Final = (
    "Ours: mean ± standard deviation over the repetitions of a row. In brackets the 95 % interval "
    "over subjects (bootstrap that resamples them, of images' means over repetitions): it says how "
    "sure the mean is for other patients, and is only there for means over images.",
    "Bold: best of the rows that were tested on the same images. p: the others held against it, "
    "paired by subject where images are known, beyond what repeated trainings scatter; corrected "
    "for the rows of the column (Holm). No p: one training a row, another dataset, or a fact.",
)
_MISPRINTS: Final = "[In brackets] behind the paper's: what a misprint must be by its others."


def write_table(
    experiment: Experiment,
    done: Sequence[Done],
    folder: Path,
    *,
    project: str,
    size: str,
    overrides: Sequence[str] = (),
    images: Source | None = None,
) -> Path:
    """Write a table with its figure: paper beside ours, and what our runs say to its claims.

    Args:
        experiment: What was run.
        done: Its tested runs; rows without any are shown as missing.
        folder: Where to write table.csv, table.md, table.html, table.json and the figure.
        project: The project's name.
        size: The name of the size that was run.
        overrides: Options that went to every run.
        images: Gives the test images of a run, for figures that show them.

    Returns:
        The folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    evidence = Evidence(done)
    lines = collect(experiment, experiment.sizes[size], evidence)
    verdicts = judge(experiment, done, experiment.sizes[size], evidence)
    picture = draw_figure(experiment, lines, folder, images)
    simulated = set().union(*(line.simulated for line in lines))
    page = ResultPage(
        project=project,
        title=experiment.title,
        summary=_summary(lines, size),
        warning=warning(simulated),
        headings=tuple(headings(experiment, ours(simulated))),
        rows=tuple(table_row(line, experiment, mixed=len(simulated) > 1) for line in lines),
        notes=_notes(experiment),
        statements=tuple(statement(verdict, experiment) for verdict in verdicts),
        picture=picture,
        runs={line.name: list(_reports(line, folder)) for line in lines if line.done},
        facts=facts(lines, size),
        command=command(project, experiment.name, size, overrides),
        beside=_BESIDE,
    )
    _frame(experiment, lines).to_csv(folder / "table.csv", index=False)
    replace_text(folder / "table.md", markdown(page))
    write_record(
        folder,
        page,
        table=experiment.name,
        size=size,
        runs={each.run.name: seconds([each.run]) for each in done},
        expected=sum(line.expected for line in lines),
    )
    write_results(folder, page)
    return folder


def _summary(lines: Sequence[Line], size: str) -> str:
    runs, rows = sum(len(line.done) for line in lines), sum(bool(line.done) for line in lines)
    return f"{runs} run{'s' * (runs != 1)} of {rows} row{'s' * (rows != 1)}, size '{size}'"


def _notes(experiment: Experiment) -> tuple[str, ...]:
    misprinted = any(column.misprints for column in experiment.columns)
    return (*_NOTES, _MISPRINTS) if misprinted else _NOTES


def _reports(line: Line, folder: Path) -> Iterator[tuple[str, str]]:
    """Return name and address of the report of each run."""
    for each in line.done:
        yield label(each.repeat) or each.run.name, os.path.relpath(each.run / REPORT, folder)


def _frame(experiment: Experiment, lines: Sequence[Line]) -> pd.DataFrame:
    """Return one row a line: its values, and of each column all that is known."""
    rows = []
    for line in lines:
        cells: dict[str, Any] = dict(line.row)
        for column in experiment.columns:
            number = asdict(line.numbers[column.metric])
            cells |= {f"{column.name} {part}": value for part, value in number.items()}
            cells[f"{column.name} paper"] = experiment.paper_value(column, line.row)
        cells["data"] = data_kind(line)
        cells["remark"] = remark(line, mixed=False)
        rows.append(cells)
    return pd.DataFrame(rows)
