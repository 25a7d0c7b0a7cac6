"""From run folders to the numbers of a table: each row's mean, how sure it is, who is better."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import nan
from pathlib import Path
from typing import Final

import pandas as pd

from core.checks import InputError
from core.experiments.claims import FIXED, TIMED, Claim
from core.experiments.evidence import Evidence
from core.experiments.spec import Column, Done, Experiment, Size, Values, combinations, label
from core.reports.run_folder import SPLIT, read_summary
from core.statistics import holm, subject_intervals

_LESS_IS_BETTER: Final = re.compile(
    r"hd\d*_|false_|zero_overlap|undefined|loss|error|epochs|edge_ratio|detail_"
)


@dataclass(frozen=True, kw_only=True)
class Number:
    """A row's value of one column, in the column's unit; NaN and 0 where unknown.

    Attributes:
        mean: Over the row's runs.
        sd: Standard deviation over the runs, of two or more.
        low: Lower end of the 95 % interval over subjects, of images' means over runs.
        high: Upper end.
        runs: How many runs have a value.
        images: How many images it is a mean over, in all runs; 0 for what is no mean of images.
        subjects: Whom they are of.
        best: Whether no other row tested on the same images is better; never of a mere count.
        p: Of the difference from the best of these rows, Holm-corrected; NaN where not tested.
    """

    mean: float = nan
    sd: float = nan
    low: float = nan
    high: float = nan
    runs: int = 0
    images: int = 0
    subjects: int = 0
    best: bool = False
    p: float = nan


@dataclass(frozen=True, kw_only=True)
class Line:
    """One row of a table.

    Attributes:
        row: Its values or labels.
        done: Its tested runs.
        expected: How many runs this size has of it; 0 where the row is not part of it.
        numbers: By the columns' metrics.
    """

    row: Values
    done: tuple[Done, ...]
    expected: int
    numbers: dict[str, Number] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The row in one line."""
        return label(self.row)

    @property
    def simulated(self) -> set[bool | None]:
        """Whether its runs' images are simulated: each answer once, None of silent runs."""
        data = (read_summary(each.run).get("data") or {} for each in self.done)
        return {known.get("simulated") for known in data}


def collect(experiment: Experiment, size: Size, evidence: Evidence) -> list[Line]:
    """Return the table's lines: those of this size first, then those that only other sizes have.

    Args:
        experiment: What was run.
        size: The size that was run.
        evidence: Its tested runs.
    """
    lines = _lines(experiment, evidence.done, size)
    groups = _same_images([line for line in lines if line.done])
    for column in experiment.columns:
        for line in lines:
            line.numbers[column.metric] = _number(line.done, column, evidence)
        for group in groups:
            _compare(group, column.metric, evidence)
    return lines


def _lines(experiment: Experiment, done: Sequence[Done], size: Size) -> list[Line]:
    cells = experiment.cells(size)
    rows = [*(cell.row for cell in cells), *combinations(experiment.rows)]
    unique = list({label(row): row for row in reversed(rows)}.values())[::-1]
    unique.sort(key=lambda row: not any(cell.row == row for cell in cells))
    return [
        Line(
            row=row,
            done=tuple(each for each in done if each.row == row),
            expected=sum(cell.row == row for cell in cells),
        )
        for row in unique
    ]


def _of_images(evidence: Evidence, run: Path, metric: str) -> pd.DataFrame | None:
    """Return the values of images; None where there are none, or not those of the metric."""
    try:
        return evidence.images(run, metric)
    except InputError:
        return None


def _number(done: Sequence[Done], column: Column, evidence: Evidence) -> Number:
    """Return what a row's runs come to, not yet compared to others."""
    values = pd.Series([evidence.value(each.run, column.metric) for each in done], dtype=float)
    scaled = values.dropna() * column.scale
    number = Number(mean=scaled.mean(), sd=scaled.std(), runs=len(scaled))
    parts = [_of_images(evidence, each.run, column.metric) for each in done]
    known = [part for part in parts if part is not None]
    if not known or len(known) < len(parts):
        return number
    of_image = pd.concat(known).groupby(["subject", "id"])["value"].mean() * column.scale
    frame = of_image.reset_index()
    low, high = subject_intervals(frame[["value"]], frame["subject"]).get("value", (nan, nan))
    subjects = frame["subject"].nunique()
    return replace(number, low=low, high=high, images=len(frame), subjects=subjects)


def _compare(lines: Sequence[Line], metric: str, evidence: Evidence) -> None:
    """Mark the best of the lines, all of them where several are, and hold the others against it."""
    known = [line for line in lines if line.numbers[metric].runs]
    if len(known) < 2 or metric in (*FIXED, *TIMED):
        return
    sign = 1 if _LESS_IS_BETTER.search(metric) else -1
    best = min(known, key=lambda line: sign * line.numbers[metric].mean)
    ties = [line for line in known if line.numbers[metric].mean == best.numbers[metric].mean]
    for line in ties:
        line.numbers[metric] = replace(line.numbers[metric], best=True)
    others = [line for line in known if not line.numbers[metric].best]
    p = holm([_p(line.row, best.row, metric, evidence) for line in others])
    for line, corrected in zip(others, p, strict=True):
        line.numbers[metric] = replace(line.numbers[metric], p=corrected)


def _p(row: Values, best: Values, metric: str, evidence: Evidence) -> float:
    """Return the p value of two rows' difference, as for a claim; NaN where it cannot be tested."""
    claim = Claim(says="", where="", metric=metric, word="lower", first=row, second=best)
    try:
        return evidence.compare(claim, ([row], [best])).p
    except InputError:
        return nan


def _same_images(lines: Sequence[Line]) -> list[list[Line]]:
    """Group the lines that were tested on the same images wherever they have repetitions in common.

    Others cannot be paired: a method on one dataset, another on another.
    """
    groups: list[list[Line]] = []
    tested = {each.run: _tested(each.run) for line in lines for each in line.done}
    for line in lines:
        fitting = (group for group in groups if all(_agree(line, own, tested) for own in group))
        found = next(fitting, None)
        if found is None:
            groups.append([line])
        else:
            found.append(line)
    return groups


def _agree(one: Line, other: Line, tested: dict[Path, object]) -> bool:
    pairs = [
        (tested[a.run], tested[b.run]) for a in one.done for b in other.done if a.repeat == b.repeat
    ]
    return bool(pairs) and all(a == b for a, b in pairs)


def _tested(run: Path) -> object:
    """Return which images a run was tested on, whatever size they were brought to."""
    path = run / SPLIT
    if not path.is_file():
        return None
    split = pd.read_csv(path, dtype=str)
    return frozenset(split.loc[split["stage"] == "test", "id"])
