"""Why two runs differ: their config, code, data and environment side by side, and what came out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from core.comparison.code import code_differences
from core.comparison.read import by_class
from core.dotted import flatten
from core.reports.run_folder import CONFIG, SPLIT, RunFolder

Facts = Mapping[str, Any]

_OF_EACH_RUN = ".save_dir"  # where a logger writes
_FACTS = ("epochs", "best_epoch", "best_score", "parameters")
_MOST_IDS = 5
_MOST_LETTERS = 40  # of a value in a column
_NOTHING = "nothing differs"


def why(first: Path, second: Path) -> str:
    """Tell in what two runs, A and B, differ.

    Args:
        first: A's folder.
        second: B's.

    Returns:
        Lines for a terminal: they name subjects, and so belong into no log.

    Raises:
        InputError: If one of them is no run folder.
    """
    a, b = RunFolder.read(first), RunFolder.read(second)
    sections = {name: compare(a, b) for name, compare in _SECTIONS.items()}
    lines = [f"A  {a.root.name}", f"B  {b.root.name}", "", _verdict(sections)]
    for name, found in sections.items():
        lines += ["", name, *(f"  {line}" for line in found or [_NOTHING])]
    return "\n".join(lines)


def _verdict(sections: Mapping[str, list[str]]) -> str:
    causes = [name for name, found in sections.items() if found and name != "result"]
    if causes:
        result = "" if sections["result"] else "; the result is the same"
        return f"They differ in {', '.join(causes)}{result}."
    if sections["result"]:
        return "All that is recorded of them is the same, and yet the result differs."
    return "Nothing differs."


def _config(a: RunFolder, b: RunFolder) -> list[str]:
    missing = [name for name, run in (("A", a), ("B", b)) if not run.config]
    if missing:
        return [f"unknown for {' and '.join(missing)}: no {CONFIG}"]
    one, other = (_settings(run.config) for run in (a, b))
    return _table(_differing(one, other))


def _settings(config: str) -> Facts:
    flat = dict(flatten(by_class(yaml.safe_load(config))))
    return {key: value for key, value in flat.items() if not key.endswith(_OF_EACH_RUN)}


def _code(a: RunFolder, b: RunFolder) -> list[str]:
    projects = {run.summary.get("project") for run in (a, b)}
    if len(projects) > 1:
        return [f"the projects are others: {', '.join(sorted(map(str, projects)))}"]
    return code_differences(a.summary.get("git"), b.summary.get("git"), str(projects.pop()))


def _data(a: RunFolder, b: RunFolder) -> list[str]:
    facts = (dict(flatten(run.summary.get("data") or {})) for run in (a, b))
    return [*_table(_differing(*facts)), *_moved(a.split, b.split)]


def _moved(one: pd.DataFrame, other: pd.DataFrame) -> list[str]:
    """Say which subjects only one run has, or has in another stage; images where no subject is."""
    missing = [name for name, split in (("A", one), ("B", other)) if split.empty]
    if missing:
        return [f"subjects unknown for {' and '.join(missing)}: no {SPLIT}"]
    return list(_moves(one, other, "subject")) or list(_moves(one, other, "id"))


def _moves(one: pd.DataFrame, other: pd.DataFrame, column: str) -> Iterator[str]:
    one_of_them = "subject" if column == "subject" else "image"

    def counted(names: list[Any]) -> str:
        return f"{len(names)} {one_of_them}{'s' if len(names) > 1 else ''}"

    table = pd.DataFrame({"A": _stages(one, column), "B": _stages(other, column)})
    for run, without in (("A", "B"), ("B", "A")):
        if alone := table.index[table[without].isna()].tolist():
            yield f"{counted(alone)} in {run} alone: {_few(alone)}"
    both = table.dropna()
    for (before, after), part in both[both["A"] != both["B"]].groupby(["A", "B"]):
        moved = part.index.tolist()
        yield f"{counted(moved)} in {before} of A and {after} of B: {_few(moved)}"


def _stages(split: pd.DataFrame, column: str) -> pd.Series[str]:
    """Return the stages that each subject or image is in."""
    of_each = split.groupby(split[column].astype(str))["stage"]
    return of_each.agg(lambda stages: " and ".join(sorted(set(stages))))


def _few(names: list[Any]) -> str:
    more = f", ... {len(names) - _MOST_IDS} more" if len(names) > _MOST_IDS else ""
    return ", ".join(map(str, names[:_MOST_IDS])) + more


def _environment(a: RunFolder, b: RunFolder) -> list[str]:
    names = ("versions", "packages", "device", "threads")
    facts = ({name: run.summary.get(name) for name in names} for run in (a, b))
    return _table(_differing(*(dict(flatten(part)) for part in facts)))


def _result(a: RunFolder, b: RunFolder) -> list[str]:
    untested = [name for name, run in (("A", a), ("B", b)) if not run.summary.get("metrics")]
    if untested:
        return [f"not tested: {' and '.join(untested)}"]
    one, other = (_numbers(run.summary) for run in (a, b))
    differing = _differing(one, other)
    if not differing:
        return []
    rows = [[*row, _difference(one.get(row[0]), other.get(row[0]))] for row in differing]
    equal = len({**one, **other}) - len(rows)
    return [*_table(rows, "B - A"), *([f"{equal} more are equal"] if equal else [])]


def _numbers(summary: Facts) -> Facts:
    return {**summary["metrics"], **{name: summary.get(name) for name in _FACTS}}


def _difference(one: Any, other: Any) -> str:
    known = one is not None and other is not None
    return f"{other - one:+.4g}" if known else ""


def _differing(one: Facts, other: Facts) -> list[list[str]]:
    """Return key, A's value and B's where they differ."""
    keys = dict.fromkeys([*one, *other])
    return [
        [key, _shown(one, key), _shown(other, key)]
        for key in keys
        if one.get(key) != other.get(key)
    ]


def _shown(facts: Facts, key: str) -> str:
    value = facts.get(key)
    if value is None:
        return "none" if key in facts else "-"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _table(rows: list[list[str]], *more: str) -> list[str]:
    """Align rows below the names of the runs; a row of long values takes a line for each."""
    short = [row for row in rows if max(map(len, row[1:])) <= _MOST_LETTERS]
    table = [["", "A", "B", *more], *short] if short else []
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = ["  ".join(f"{c:{w}}" for c, w in zip(row, widths, strict=True)) for row in table]
    for key, one, other in (row for row in rows if row not in short):
        lines += [key, f"  A  {one}", f"  B  {other}"]
    return [line.rstrip() for line in lines]


_SECTIONS: dict[str, Callable[[RunFolder, RunFolder], list[str]]] = {
    "config": _config,
    "code": _code,
    "data": _data,
    "environment": _environment,
    "result": _result,
}
