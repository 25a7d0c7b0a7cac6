"""The page of a reproduced table or figure: all text ready, so that the page only lays it out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.files import replace_text
from core.reports.tables import Table
from core.reports.templates import render

if TYPE_CHECKING:  # brings matplotlib
    from core.reports.drawing import Plot

RESULTS: Final = "table.html"
_TEMPLATE: Final = "results.html"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A cell of the table.

    Attributes:
        text: The number.
        small: Lines below it, such as its interval.
        best: Whether it is set apart as the best of its column.
    """

    text: str
    small: tuple[str, ...] = ()
    best: bool = False


PAPER: Final = "paper"
"""Above the columns with the paper's numbers."""


@dataclass(frozen=True, kw_only=True)
class Heading:
    """The name above one or several columns, such as "Dice (%)" above "ours" and "paper"."""

    name: str
    parts: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ResultRow:
    """A row of the table: its name, a remark where one is needed, and a cell for each column."""

    name: str
    entries: tuple[Entry, ...]
    remark: str = ""


@dataclass(frozen=True, kw_only=True)
class Statement:
    """What the paper says, where, and what our runs say to it.

    Attributes:
        says: The claim.
        where: Its place in the paper.
        verdict: A few words, see `core.experiments.judge`.
        why: One sentence.
        comparisons: Each comparison behind it; None where there is none to show.
    """

    says: str
    where: str
    verdict: str
    why: str
    comparisons: Table | None = None


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A figure that lies beside the page: its file, heading, description, and width in inches."""

    path: Path
    title: str
    alt: str
    inches: float


@dataclass(frozen=True, kw_only=True)
class ResultPage:
    """All that the page shows.

    Attributes:
        project: Whose table it is.
        title: The table's.
        summary: What was run, in a line.
        warning: What must be known before any number is read; empty for nothing.
        headings: Of the columns behind the first, which names the rows.
        rows: As many cells as the headings have parts.
        notes: What the numbers are, a sentence each.
        statements: The paper's claims.
        picture: The figure.
        runs: By row, the name and the address of each run's report.
        facts: What the runs were made with.
        command: How to repeat it.
        beside: Other files of the folder, by what they are.
    """

    project: str
    title: str
    summary: str
    warning: str
    headings: tuple[Heading, ...]
    rows: tuple[ResultRow, ...]
    notes: tuple[str, ...]
    command: str
    statements: tuple[Statement, ...] = ()
    picture: Picture | None = None
    runs: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    facts: Table | None = None
    beside: dict[str, str] = field(default_factory=dict)

    @property
    def has_paper(self) -> bool:
        """Whether any number of the paper stands in the table."""
        return any(PAPER in heading.parts for heading in self.headings)


def write_results(folder: Path, page: ResultPage) -> Path:
    """Write table.html into a folder and return its path."""
    replace_text(folder / RESULTS, render(_TEMPLATE, page=page, slug=slug))
    return folder / RESULTS


def save_picture(plot: Plot, folder: Path) -> Picture:
    """Write a figure into the page's folder, and return it for the page."""
    inches = float(plot.figure.get_figwidth())
    return Picture(path=plot.save(folder), title=plot.title, alt=plot.alt, inches=inches)


def slug(verdict: str) -> str:
    """Return the name of a verdict's colours: its first two words."""
    return "-".join(verdict.split()[:2])


def markdown(page: ResultPage) -> str:
    """Return a page's table and claims in Markdown."""
    head = ["", *(f"{own.name} {part}" for own in page.headings for part in own.parts)]
    rows = [[row.name, *map(_in_line, row.entries)] for row in page.rows]
    parts = [f"# {page.title}\n", f"{page.summary}; `{page.command}`\n"]
    if page.warning:
        parts.append(f"**{page.warning}**\n")
    parts.append(markdown_table(head, rows))
    remarks = [f"- {row.name}: {row.remark}" for row in page.rows if row.remark]
    parts += ["\n".join(remarks) + "\n"] if remarks else []
    if page.statements:
        claims = [[one.says, one.where, one.verdict, one.why] for one in page.statements]
        parts.append(markdown_table(["The paper says", "where", "our runs", "why"], claims))
    return "\n".join([*parts, *(f"{note}\n" for note in page.notes)])


def _in_line(entry: Entry) -> str:
    text = f"**{entry.text}**" if entry.best else entry.text
    return " ".join((text, *entry.small))


def markdown_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table in Markdown, a line a row; a bar within a cell would end it."""
    lines = [head, ["---"] * len(head), *rows]
    cells = ([cell.replace("|", "\\|").replace("\n", " ") for cell in line] for line in lines)
    return "".join(f"| {' | '.join(line)} |\n" for line in cells)
