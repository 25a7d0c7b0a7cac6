"""A diagram of every test image under several treatments, joined by a line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from core.reports.drawing import INK, MUTED, RULE, panel

LEVEL: Final = "_"
"""Marker of what the others are held against; the line of an image does not reach to it."""


class Side(NamedTuple):
    """One treatment.

    Attributes:
        column: Of the table.
        label: In the legend.
        colour: Of the mark; None for what is untouched, an empty circle.
        marker: As matplotlib names it.
    """

    column: str
    label: str
    colour: str | None = None
    marker: str = "o"

    @property
    def look(self) -> dict[str, Any]:
        """How it is drawn: the untouched lowest, levels above it, all others on top."""
        if self.colour is None:
            return {"c": "white", "edgecolor": MUTED, "lw": 1.2, "zorder": 1}
        level = self.marker == LEVEL
        return {"c": self.colour, "lw": 1.4 if level else 0, "zorder": 2 if level else 3}


def plot_paired(rows: pd.DataFrame, sides: Sequence[Side], label: str) -> Figure:
    """Draw each image's values above one another, the images sorted by the first side.

    Args:
        rows: One row an image, at least one.
        sides: Columns of the table that are drawn, in the order of the legend.
        label: Of the y axis.
    """
    rows = rows.sort_values(sides[0].column)
    figure, axes = panel("Test images, sorted by input", label)
    places = np.arange(1, len(rows) + 1)
    size = float(np.clip(1500 / len(rows), 8, 34))
    ends = rows[[side.column for side in sides if side.marker != LEVEL]]
    width = min(3, 90 / len(rows))
    axes.vlines(places, ends.min(axis=1), ends.max(axis=1), color=RULE, lw=width, zorder=1)
    for side in sides:
        values, marker = rows[side.column], side.marker
        axes.scatter(places, values, s=size, marker=marker, label=side.label, **side.look)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(visible=False, axis="x")
    columns = len(sides)
    figure.legend(
        loc="outside upper left", ncols=columns, frameon=False, fontsize=9, labelcolor=INK
    )
    return figure
