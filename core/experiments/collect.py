"""From run folders to the table: mean and SD over repetitions beside the paper's number."""

from __future__ import annotations

import json
from itertools import chain
from pathlib import Path
from typing import Any, cast

import pandas as pd

from core.experiments.spec import Cell, Column, Experiment, Values, label
from core.metrics import epochs_to_converge

CONVERGENCE = "epochs_to_converge"
"""Counted from the validation curve, and so named like a metric in an experiment's columns."""
FACTS = ("parameters", "inference_ms", "inference_ms_folded", "best_score")
"""Facts of a run that a column may show, beside its metrics; the best score is a validation's."""
_CURVES = ("val/dice", "val/accuracy")


def write_table(experiment: Experiment, runs: dict[Path, Cell], folder: Path) -> Path:
    """Write table.csv and table.md, and curves.png and by_size.png where the experiment draws them.

    Args:
        experiment: What was run.
        runs: Run folder to its cell; folders of failed runs count as missing.
        folder: Where to write.

    Returns:
        The folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    cells = pd.DataFrame([{**cell.row, **_metrics(run, experiment)} for run, cell in runs.items()])
    table = _table(experiment, cells)
    table.to_csv(folder / "table.csv", index=False)
    (folder / "table.md").write_text(
        _markdown(experiment, table, simulated=any(map(_is_simulated, runs)))
    )
    done = {run: cell for run, cell in runs.items() if _summary(run)}
    if done and experiment.curve:
        _draw_curves(experiment, done, folder)
    if done and experiment.by_size:
        _draw_by_size(experiment, done, folder)
    return folder


def _draw_curves(experiment: Experiment, runs: dict[Path, Cell], folder: Path) -> None:
    from core.reports.curves import plot_curves

    plot_curves(
        {label(cell.row): pd.read_csv(run / "metrics.csv") for run, cell in runs.items()},
        str(experiment.curve),
        experiment.title,
        panels=experiment.panels,
        x=experiment.curve_x,
        beside=experiment.beside,
    ).save(folder)


def _draw_by_size(experiment: Experiment, runs: dict[Path, Cell], folder: Path) -> None:
    from core.reports.by_size import plot_by_size

    axes = experiment.by_size or {}
    rows = [
        {
            "network": cell.row[axes["series"]],
            "share": cell.row[axes["share"]],
            "accuracy": measured(_summary(run)).get("test/accuracy"),
        }
        for run, cell in runs.items()
    ]
    plot_by_size(pd.DataFrame(rows), experiment.title).save(folder)


def measured(summary: dict[str, Any]) -> dict[str, Any]:
    """Return what a column may show of a tested run: its metrics and `FACTS`; else nothing."""
    metrics = dict(summary.get("metrics", {}))
    if not metrics:
        return {}
    inference = summary.get("inference", {})
    times = (inference.get("ms_per_image"), inference.get("ms_per_image_folded"))
    facts = (summary.get("parameters"), *times, summary.get("best_score"))
    return metrics | dict(zip(FACTS, facts, strict=True))


def _metrics(run: Path, experiment: Experiment) -> Values:
    """The run's value of each column, NaN where there is none."""
    metrics = measured(_summary(run))
    if metrics and any(column.metric == CONVERGENCE for column in experiment.columns):
        epochs = pd.read_csv(run / "metrics.csv")
        [curve] = [name for name in _CURVES if name in epochs]
        metrics[CONVERGENCE] = epochs_to_converge(epochs[curve])
    return {
        column.metric: metrics.get(column.metric, float("nan")) for column in experiment.columns
    }


def _table(experiment: Experiment, cells: pd.DataFrame) -> pd.DataFrame:
    """One line a row of the experiment: its values, mean, SD, number of runs, the paper's."""
    keys = list(experiment.rows)
    lines = []
    for row in cast(list[Values], cells[keys].drop_duplicates().to_dict("records")):
        same = cells[(cells[keys] == pd.Series(row)).all(axis=1)]
        line: dict[str, Any] = dict(row)
        for column in experiment.columns:
            values = same[column.metric].dropna() * column.scale
            line[f"{column.name} mean"], line[f"{column.name} sd"] = values.mean(), values.std()
            line[f"{column.name} runs"] = len(values)
            line[f"{column.name} paper"] = experiment.paper_value(column, row)
        lines.append(line)
    return pd.DataFrame(lines)


def _markdown(experiment: Experiment, table: pd.DataFrame, *, simulated: bool) -> str:
    """The table for reading: ours (mean ± SD over runs) beside the paper's."""
    head = [key.rsplit(".", 1)[-1] for key in experiment.rows]
    head += [name for column in experiment.columns for name in _headings(column)]
    rows = [_row(line, experiment) for line in table.to_dict("records")]
    notes = []
    if simulated:
        notes += ["Ours is on SIMULATED images: it cannot be held against the paper's numbers.", ""]
    if any(column.misprints for column in experiment.columns):
        notes += ["[In brackets]: what a misprinted number must be by the paper's others.", ""]
    lines = [
        f"# {experiment.title}",
        "",
        *notes,
        _line(head),
        _line(["---"] * len(head)),
    ]
    return "\n".join([*lines, *map(_line, rows)]) + "\n"


def _row(line: dict[Any, Any], experiment: Experiment) -> list[str]:
    names = {key: line[key] for key in experiment.rows}
    cells = [_cells(line, column, label(names)) for column in experiment.columns]
    return [*(label({key: name}) for key, name in names.items()), *chain.from_iterable(cells)]


def _headings(column: Column) -> tuple[str, ...]:
    return (f"{column.name} ours", "paper") if column.paper else (column.name,)


def _cells(line: dict[Any, Any], column: Column, row: str) -> tuple[str, ...]:
    """Ours, and the paper's where it has any, with as many decimals as the paper prints."""
    mean, sd, paper = (
        "" if pd.isna(value) else f"{value:.{column.decimals}f}"
        for value in (line[f"{column.name} {part}"] for part in ("mean", "sd", "paper"))
    )
    ours = " ± ".join(filter(None, (mean, sd))) or "-"
    if right := column.misprints.get(row):
        paper = f"{paper} [{right:.{column.decimals}f}]"
    return (ours, paper or "-") if column.paper else (ours,)


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _summary(run: Path) -> dict[str, Any]:
    path = run / "summary.json"
    return dict(json.loads(path.read_text())) if path.is_file() else {}


def _is_simulated(run: Path) -> bool:
    return bool(_summary(run).get("data", {}).get("simulated"))
