"""How data are distributed over classes and stages, ours beside the paper's."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from core.reports.drawing import INK, MUTED, Plot, panels, quiet
from core.reports.forest import OURS_COLOUR, PAPER_COLOUR

_COLUMNS: Final = 2
_PANEL, _BAR, _EDGE = 4.2, 0.36, 0.95  # inches: width of a panel, height of a class, the rest
_HALF: Final = 0.38  # height of a bar


def plot_bars(ours: pd.DataFrame, papers: pd.DataFrame, title: str, *, named: str = "ours") -> Plot:
    """Draw each class's share of all, a panel a count: how many there are in all differs.

    Args:
        ours: (classes, counts), such as of images and sequences; NaN where unknown. No totals.
        papers: The same of the paper.
        title: Heading.
        named: How ours are called, such as "ours, SIMULATED".

    Returns:
        The figure, named "bars".
    """
    counts, classes = list(papers.columns), list(papers.index)
    ours = ours.reindex(index=classes, columns=counts)
    height = _BAR * len(classes) + _EDGE
    figure, grid = panels(len(counts), _COLUMNS, _PANEL, height)
    for axes, count in zip(grid, counts, strict=True):
        _draw(axes, ours[count], papers[count])
    handles = grid[0].get_legend_handles_labels()[0]
    figure.legend(
        handles, (named, "the paper's"), loc="outside upper right", ncols=2, frameon=False
    )
    alt = " ".join(f"{count}: {_said(ours[count], papers[count])}." for count in counts)
    return Plot(name="bars", title=title, alt=alt, figure=figure)


def _draw(axes: Axes, ours: pd.Series, papers: pd.Series) -> None:
    """Draw the shares of one count, the first class on top."""
    quiet(axes, "Share of all (%)", "")
    places = np.arange(len(papers))
    colours = (OURS_COLOUR, PAPER_COLOUR)
    for number, (values, colour) in enumerate(zip((ours, papers), colours, strict=True)):
        shares = _percent(values).fillna(0)
        axes.barh(places + _HALF * number, shares, _HALF, color=colour, label=str(number))
    axes.set_yticks(places + _HALF / 2, list(map(str, papers.index)))
    axes.set_ylim(len(papers) - 0.2, -0.5)
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False, axis="y")
    name = str(papers.name)
    axes.set_title(name[:1].upper() + name[1:], loc="left", fontsize=10, color=INK, weight="bold")
    known = f"{ours.sum():,.0f}" if ours.notna().any() else "unknown"
    total = f"in all {known}, the paper's {papers.sum():,.0f}"
    axes.set_title(total, loc="right", fontsize=9, color=MUTED)


def _percent(values: pd.Series) -> pd.Series:
    total = values.sum()
    return 100 * values / total if total else values * np.nan


def _said(ours: pd.Series, papers: pd.Series) -> str:
    """Say each class's shares."""
    pairs = zip(papers.index, _percent(ours).fillna(0), _percent(papers), strict=True)
    return "; ".join(f"{name} {own:.1f} %, the paper's {its:.1f} %" for name, own, its in pairs)
