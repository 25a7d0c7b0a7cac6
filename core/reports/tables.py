"""The tables of a report: everything as text, so that the page only lays it out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from core.checks import require
from core.reports.cases import OUTCOMES
from core.reports.numbers import ABSENT
from core.reports.run_folder import RunFolder

Reference = pd.DataFrame | Iterable[Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Table:
    """Text in rows.

    Attributes:
        columns: Headings; the first column names the rows.
        rows: Cells, as many as columns.
        numeric: Headings of the columns that are set flush right.
    """

    columns: tuple[str, ...]
    rows: list[list[str]]
    numeric: frozenset[str] = frozenset()


def mean_and_sd(values: pd.Series, form: str) -> str:
    """Return mean ± SD of the values that are known; the mean alone of one, nothing of none."""
    known = values.dropna()
    if known.empty:
        return ""
    return f"{known.mean():{form}}" + (f" ± {known.std():{form}}" if len(known) > 1 else "")


def reference_table(reference: Reference) -> Table:
    """Return the paper's numbers beside ours.

    Args:
        reference: Rows with `label` (what is measured), `paper` and `ours` (a number, text, or
            None); maybe `scale`, which brings our number into the paper's unit, the `decimals` to
            print, `misprint_of`, what the paper's number must be, and `table`, the paper's table.

    Raises:
        InputError: If one of the three is missing.
    """
    rows = reference.to_dict("records") if isinstance(reference, pd.DataFrame) else list(reference)
    for row in rows:
        for column in ("label", "paper", "ours"):
            require(column in row, "reference", f"'{column}' in each row", ", ".join(map(str, row)))
    in_tables = any("table" in row for row in rows)
    cells = [
        [
            str(row["label"]),
            _paper_cell(row),
            _cell(_scaled(row["ours"], row.get("decimals", 2), row.get("scale", 1))),
        ]
        + ([str(row.get("table", ""))] if in_tables else [])
        for row in rows
    ]
    columns = ("Measure", "Paper", "Ours", *(["In the paper"] if in_tables else []))
    return Table(columns=columns, rows=cells, numeric=frozenset({"Paper", "Ours"}))


def _paper_cell(row: Mapping[Any, Any]) -> str:
    """The paper's number, and what it must be where it is misprinted."""
    decimals, right = row.get("decimals", 2), row.get("misprint_of")
    cell = _cell(_scaled(row["paper"], decimals))
    return cell if right is None else f"{cell} (misprint of {_cell(_scaled(right, decimals))})"


def _scaled(value: Any, decimals: int, scale: float = 1) -> Any:
    """Return a number as the paper prints it; text and what is unknown as they are."""
    if not isinstance(value, int | float):
        return value
    return f"{value * scale:.{decimals}f}"


def split_table(run: RunFolder) -> Table | None:
    """Return images and subjects of each stage; None where neither split nor summary says."""
    if not run.split.empty:
        by_stage = run.split.groupby("stage", sort=False)["subject"]
        rows = [[str(stage), str(len(of)), str(of.nunique())] for stage, of in by_stage]
        columns: tuple[str, ...] = ("Stage", "Images", "Subjects")
    else:
        counts = run.summary.get("data", {}).get("images", {})
        rows, columns = [[stage, str(n)] for stage, n in counts.items()], ("Stage", "Images")
    return Table(columns=columns, rows=rows, numeric=frozenset(columns[1:])) if rows else None


def metric_table(summary: Mapping[str, Any]) -> Table | None:
    """Return every test metric by its name in summary.json; None if there are none."""
    rows = [[name, _cell(value)] for name, value in sorted((summary.get("metrics") or {}).items())]
    columns = ("Metric", "Value")
    return Table(columns=columns, rows=rows, numeric=frozenset({"Value"})) if rows else None


def subject_table(images: pd.DataFrame) -> Table:
    """Return each subject's mean Dice and outcomes, the lowest Dice first."""
    columns = ("Subject", "Images", "Dice", "Dice, true positives", *OUTCOMES)
    rows = []
    for subject, of in images.groupby("subject"):
        counts = of["outcome"].value_counts().reindex(list(OUTCOMES), fill_value=0)
        found = of.loc[of["outcome"] == "TP", "dice"].mean()
        values = [str(subject), str(len(of)), f"{of['dice'].mean():.3f}"]
        rows.append([*values, ABSENT if pd.isna(found) else f"{found:.3f}", *map(str, counts)])
    rows.sort(key=lambda row: float(row[2]))
    return Table(columns=columns, rows=rows, numeric=frozenset(columns[1:]))


def facts_table(summary: Mapping[str, Any]) -> Table:
    """Return what is needed to judge and to repeat a run; only what the summary knows."""
    data = summary.get("data", {})
    parameters = summary.get("parameters")
    rows = [
        ["Command", summary.get("command")],
        ["Data", data.get("source")],
        ["Data hash", data.get("hash")],
        ["Seed", summary.get("seed")],
        ["Parameters", f"{parameters:,}" if parameters is not None else None],
        ["Inference", _inference(summary.get("inference") or {})],
        ["Epochs", _epochs(summary)],
        ["Time", _times(summary.get("seconds", {}))],
        ["Device", _device(summary.get("device", {}))],
        ["Commit", commit_name(summary)],
        ["Versions", versions_line(summary)],
    ]
    known = [[str(name), str(value)] for name, value in rows if value not in (None, "")]
    return Table(columns=("What", "Value"), rows=known)


def commit_name(summary: Mapping[str, Any]) -> str:
    """Return a run's commit, and whether files differed from it; nothing where unknown."""
    git = summary.get("git") or {}
    commit = str(git.get("commit") or "")[:12]
    return f"{commit} with uncommitted changes" if commit and git.get("dirty") else commit


def versions_line(summary: Mapping[str, Any]) -> str:
    """Return what a run was made with."""
    return ", ".join(f"{name} {number}" for name, number in summary.get("versions", {}).items())


def _device(device: Mapping[str, Any]) -> str:
    """Return the device's name, with the number of devices where there are several."""
    name, count = str(device.get("name", "")), device.get("count", 1)
    return f"{count} devices, {name}" if count > 1 else name


def _inference(inference: Mapping[str, Any]) -> str | None:
    """Return how long an image takes, and how that was measured."""
    milliseconds = inference.get("ms_per_image")
    if milliseconds is None:
        return None
    how = inference.get("how")
    return f"{milliseconds:.3g} ms an image{f' ({how})' if how else ''}"


def _epochs(summary: Mapping[str, Any]) -> str | None:
    """Return how long was trained and which epoch was kept."""
    epochs, best = summary.get("epochs"), summary.get("best_epoch")
    if not epochs:
        return None
    return f"{epochs}" if best is None else f"{epochs}, weights of epoch {best} kept"


def _times(seconds: Mapping[str, float | None]) -> str:
    """Return the times of a run in units that can be read."""
    names = {"fit": "training", "test": "test", "first_step": "to the first step", "step": "a step"}
    known = {name: seconds.get(key) for key, name in names.items()}
    return ", ".join(f"{name} {duration(value)}" for name, value in known.items() if value)


def duration(seconds: float) -> str:
    """Return a time in ms, s, min or h."""
    for limit, divisor, unit in ((1, 1e-3, "ms"), (120, 1, "s"), (7200, 60, "min")):
        if seconds < limit:
            return f"{seconds / divisor:.3g} {unit}"
    return f"{seconds / 3600:.3g} h"


def _cell(value: Any) -> str:
    """Return a cell's text: four significant digits, a dash for what is unknown."""
    if value is None or (isinstance(value, float) and pd.isna(value)):
        return ABSENT
    return f"{value:.4g}" if isinstance(value, float) else str(value)
