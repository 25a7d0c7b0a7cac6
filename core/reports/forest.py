"""Rows of a table over each other: each one's mean with its interval, the paper's beside it."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill
from typing import Any, Final

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from core.reports.drawing import GROUP_COLOURS, INK, MUTED, Plot, quiet

OURS_COLOUR, PAPER_COLOUR = GROUP_COLOURS[:2]  # here and in `bars`
_PANEL, _ROW, _EDGE = 2.5, 0.3, 1.0  # inches: width of a panel, height of a row, title and axis
_LETTERS: Final = 34  # of a row's label in one line
_LETTER: Final = 0.068  # inches
_OFFSET: Final = 0.2  # of the paper's number below ours, rows
_OURS: Final[dict[str, Any]] = {"color": OURS_COLOUR, "marker": "o", "ls": "", "ms": 5.5}
_INTERVAL: Final[dict[str, Any]] = {"color": OURS_COLOUR, "lw": 2.2, "alpha": 0.55}
_PAPER: Final[dict[str, Any]] = {"color": PAPER_COLOUR, "marker": "D", "ls": "", "ms": 5}


def plot_forest(rows: pd.DataFrame, title: str, *, ours: str = "ours") -> Plot:
    """Draw a panel a measure, and in it a line a row.

    Args:
        rows: One row for each row of the table and measure: row, its label; measure; mean, low,
            high, the ends of its 95 % interval; paper, what the paper reports. NaN where unknown,
            all in the measure's unit.
        title: Heading.
        ours: How ours are called, such as "ours, SIMULATED".

    Returns:
        The figure, named "forest".
    """
    labels, measures = list(rows["row"].unique()), list(rows["measure"].unique())
    names = [fill(str(label), _LETTERS) for label in labels]
    lines = sum(max(1.0, 0.6 * (name.count("\n") + 1)) for name in names)
    letters = max(len(line) for name in names for line in name.split("\n"))
    size = (_PANEL * len(measures) + _LETTER * letters + 0.3, _ROW * lines + _EDGE)
    figure = Figure(figsize=size, layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    panels = figure.subplots(1, len(measures), sharey=True, squeeze=False)[0]
    for axes, measure in zip(panels, measures, strict=True):
        quiet(axes, fill(str(measure), _LETTERS - 4), "")
        _draw(axes, rows[rows["measure"] == measure].set_index("row").reindex(labels))
    panels[0].set_yticks(range(len(labels)), names)
    panels[0].set_ylim(len(labels) - 0.4, -0.6)
    figure.legend(
        handles=_legend(rows, ours), loc="outside upper right", ncols=3, frameon=False, fontsize=9
    )
    return Plot(name="forest", title=title, alt=_said(rows, measures), figure=figure)


def _draw(axes: Axes, rows: pd.DataFrame) -> None:
    """Draw one measure: rows from top to bottom."""
    known = rows.assign(place=range(len(rows)))
    axes.hlines(known["place"], known["low"], known["high"], **_INTERVAL)
    axes.plot(known["mean"], known["place"], **_OURS)
    axes.plot(known["paper"], known["place"] + _OFFSET, mfc="white", mew=1.3, **_PAPER)
    for place in known.loc[known["mean"].isna(), "place"]:
        axes.text(0.02, place, "not run", transform=axes.get_yaxis_transform(), color=MUTED, size=8)
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="y", length=0, labelcolor=INK)
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.margins(x=0.08)


def _legend(rows: pd.DataFrame, ours: str) -> list[Line2D]:
    """Return a line for each sort of mark that is there."""
    marks = {
        "mean": Line2D([], [], label=ours, **_OURS),
        "low": Line2D([], [], label="95 % interval", **_INTERVAL),
        "paper": Line2D([], [], label="the paper's", mfc="white", mew=1.3, **_PAPER),
    }
    return [mark for column, mark in marks.items() if rows[column].notna().any()]


def _said(rows: pd.DataFrame, measures: Sequence[str]) -> str:
    """Say every number that is drawn."""
    return " ".join(f"{name}: {_numbers(rows[rows['measure'] == name])}." for name in measures)


def _numbers(rows: pd.DataFrame) -> str:
    said = []
    for row in rows.dropna(subset=["mean"]).to_dict("records"):
        interval = "" if pd.isna(row["low"]) else f" ({row['low']:.3g} to {row['high']:.3g})"
        paper = "" if pd.isna(row["paper"]) else f", the paper's {row['paper']:.4g}"
        said.append(f"{row['row']} {row['mean']:.3g}{interval}{paper}")
    return "; ".join(said) or "no row has been run"
