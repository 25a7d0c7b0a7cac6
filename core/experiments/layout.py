"""A table's lines and verdicts as text, for the page and for Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pandas as pd

from core.experiments.claims import Claim
from core.experiments.collect import Line, Number
from core.experiments.judge import Judged, Verdict
from core.experiments.sentences import ratio
from core.experiments.spec import Column, Experiment
from core.reports.results import PAPER, Entry, Heading, ResultRow, Statement
from core.reports.tables import Table

_ABSENT: Final = "-"
_KINDS: Final[dict[frozenset[bool | None], str]] = {
    frozenset({True}): "SIMULATED",
    frozenset({False}): "real",
    frozenset(): "",
}


def data_kind(line: Line) -> str:
    """Say whether a row's images are simulated."""
    mixed = "perhaps" if None in line.simulated else "partly"
    return _KINDS.get(frozenset(line.simulated), f"{mixed} SIMULATED")


def headings(experiment: Experiment, whose: str) -> Iterator[Heading]:
    """Yield what stands above the columns; `whose` is how our numbers are called."""
    for column in experiment.columns:
        yield Heading(name=column.name, parts=(whose, PAPER) if column.paper else (whose,))
    yield Heading(name="Measured on", parts=("runs", "images", "subjects"))


def table_row(line: Line, experiment: Experiment, *, mixed: bool) -> ResultRow:
    """Return a line of the table; in a mixed table it says whether its images are simulated."""
    entries: list[Entry] = []
    for column in experiment.columns:
        entries.append(_our_entry(line.numbers[column.metric], column))
        if column.paper:
            entries.append(Entry(text=_paper(line, column, experiment)))
    numbers = line.numbers.values()
    counts = (
        len(line.done),
        max((number.images for number in numbers), default=0),
        max((number.subjects for number in numbers), default=0),
    )
    entries += [Entry(text=str(count) if count else _ABSENT) for count in counts]
    return ResultRow(name=line.name, entries=tuple(entries), remark=remark(line, mixed=mixed))


def remark(line: Line, *, mixed: bool) -> str:
    """Say what is missing of a row, and in a table of both whether its images are simulated."""
    if not line.expected:
        return "not in this size"
    if not line.done:
        return f"failed: none of {line.expected} runs is there"
    remarks = []
    if mixed:
        remarks.append(data_kind(line))
    if len(line.done) < line.expected:
        remarks.append(f"{line.expected - len(line.done)} of {line.expected} runs failed")
    return ", ".join(remarks)


def _our_entry(number: Number, column: Column) -> Entry:
    """Return mean and deviation, with as many decimals as the paper prints, and what is below."""
    mean, sd, low, high = (
        "" if pd.isna(value) else f"{value:.{column.decimals}f}"
        for value in (number.mean, number.sd, number.low, number.high)
    )
    small = [f"[{low}, {high}]"] if low else []
    if not pd.isna(number.p):
        small.append(f"p {_p(number.p)}")
    text = " ± ".join(filter(None, (mean, sd))) or _ABSENT
    return Entry(text=text, small=tuple(small), best=number.best)


def _paper(line: Line, column: Column, experiment: Experiment) -> str:
    """Return the paper's number, and what a misprint must be."""
    value = experiment.paper_value(column, line.row)
    text = _ABSENT if value is None else f"{value:.{column.decimals}f}"
    right = column.misprints.get(line.name)
    return text if right is None else f"{text} [{right:.{column.decimals}f}]"


def statement(verdict: Verdict, experiment: Experiment) -> Statement:
    """Return a claim with what the runs say to it, in the unit of its column."""
    claim = verdict.claim
    scale = next(c.scale for c in experiment.columns if c.metric == claim.metric)
    rows = []
    for one in verdict.comparisons:
        p = _ABSENT if pd.isna(one.p) else _p(one.p).removeprefix("= ")
        rows.append([one.first, one.second, _found(one, claim, scale), p, one.word])
    what = "Difference (95 % interval)" if claim.times == 1 else "Ratio"
    columns = ("First", "Second", what, "p", "Verdict")
    table = Table(columns=columns, rows=rows, numeric=frozenset({"p"})) if rows else None
    said = {
        "says": claim.says,
        "where": claim.where,
        "verdict": verdict.word,
        "why": _sentence(verdict.why),
    }
    return Statement(**said, comparisons=table)


def _found(judged: Judged, claim: Claim, scale: float) -> str:
    """Return a comparison's difference and its interval; the ratio where the claim is on that."""
    found = judged.comparison
    if claim.times != 1:
        return ratio(claim, found) if found else _ABSENT
    numbers = (found.difference, found.low, found.high) if found else (float("nan"),) * 3
    difference, low, high = (
        _ABSENT if pd.isna(value) else f"{scale * value:.3g}" for value in numbers
    )
    return f"{difference} ({low} to {high})"


def _p(value: float) -> str:
    """Return a p value as it is written behind a p."""
    return "< 0.001" if value < 0.001 else f"= {value:.3f}"


def _sentence(words: str) -> str:
    """Return words as a sentence: with a capital letter, and ended."""
    return f"{words[:1].upper()}{words[1:]}{'' if words.endswith('.') else '.'}"
