"""The house's way of drawing, on matplotlib's objects: no pyplot, so no global state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from core.reports.cases import OUTCOMES

# After Okabe and Ito's palette (https://jfly.uni-koeln.de/color/), dark enough for white paper.
OUTCOME_COLOURS: Final = {"TP": "#00805f", "FN": "#c77700", "FP": "#1b87c4", "TN": "#8a9199"}
GROUP_COLOURS: Final = ("#0072b2", "#d55e00", "#009e73", "#b0568f", "#3d3d3d", "#b08a00")
GROUP_MARKERS: Final = "o^sDvP"  # so that groups stay apart without colour too
CLASS_COLOURS: Final = (*GROUP_COLOURS, "#56b4e9", "#7a1f3d")
CLASS_MARKERS: Final = "o^sDvPX*"
INK, MUTED, RULE = "#1c2127", "#57606a", "#d5dae0"
_DOTS_PER_INCH: Final = 150
_MARK: Final[dict[str, Any]] = {"x": 0.005, "ha": "left", "fontsize": 9, "color": "#8a4b00"}


@dataclass(frozen=True, kw_only=True)
class Plot:
    """A finished figure.

    Attributes:
        name: File name without ending.
        title: Heading.
        alt: What it shows, in words and numbers, for readers who cannot see it.
        figure: The drawing.
    """

    name: str
    title: str
    alt: str
    figure: Figure

    def save(self, folder: Path) -> Path:
        """Write `<name>.png` into a folder and return its path."""
        path = folder / f"{self.name}.png"
        self.figure.savefig(path, dpi=_DOTS_PER_INCH)
        return path


class Look(NamedTuple):
    """How a class is drawn, in every figure of a page: as dots, or as a line."""

    colour: str
    marker: str
    line: str


def looks(names: Sequence[str]) -> dict[str, Look]:
    """Return a look for each name; up to eight differ in colour, and in marker without it."""
    return {
        name: Look(CLASS_COLOURS[place % 8], CLASS_MARKERS[place % 8], ("-", "--")[place % 2])
        for place, name in enumerate(names)
    }


def mark(figure: Figure, words: str) -> None:
    """Write words above a figure, before its title if it has one."""
    said = figure.get_suptitle()
    place = {} if figure.get_layout_engine() else {"y": 1 - 0.08 / figure.get_figheight()}
    figure.suptitle(f"{words}{'. ' if said else ''}{said}", **_MARK, **place)


def panel(
    x_label: str, y_label: str, width: float = 4.8, height: float = 3.1
) -> tuple[Figure, Axes]:
    """Return an empty figure of `width` by `height` inches with the house's quiet axes."""
    figure = Figure(figsize=(width, height), layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    quiet(axes, x_label, y_label)
    return figure, axes


def panels(count: int, columns: int, width: float, height: float) -> tuple[Figure, list[Axes]]:
    """Return a figure with a number of empty axes, each of `width` by `height` inches.

    Args:
        count: How many; at least one.
        columns: How many beside each other, at most.
        width: Of each, inches.
        height: Of each, inches.
    """
    columns = min(columns, count)
    rows = -(-count // columns)
    size = (columns * width, rows * height)
    figure = Figure(figsize=size, layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    grid = list(figure.subplots(rows, columns, squeeze=False).ravel())
    for axes in grid[count:]:
        axes.remove()
    return figure, grid[:count]


def quiet(axes: Axes, x_label: str, y_label: str) -> None:
    """Give axes the house's look: labels, a faint grid, two spines."""
    axes.set_xlabel(x_label, color=INK, fontsize=10)
    axes.set_ylabel(y_label, color=INK, fontsize=10)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(RULE)
    axes.tick_params(colors=MUTED, labelcolor=INK, labelsize=9)
    axes.grid(color=RULE, linewidth=0.6)
    axes.set_axisbelow(True)


def scatter_dice(axes: Axes, images: pd.DataFrame, x: pd.Series) -> None:
    """Draw the Dice of images as dots in the colour of their outcome, smaller where many."""
    size = float(np.clip(6000 / len(images), 4, 24))
    for key, name in OUTCOMES.items():
        rows = images.index[images["outcome"] == key]
        if len(rows):
            colour = OUTCOME_COLOURS[key]
            axes.scatter(x[rows], images["dice"][rows], s=size, c=colour, alpha=0.7, lw=0)
            axes.scatter([], [], s=24, c=colour, lw=0, label=name.lower())


def curve(axes: Axes, x: pd.Series, y: pd.Series, label: str, colour: str) -> None:
    """Draw one curve; with a mark on each point while they are few enough to be told apart."""
    axes.plot(x, y, color=colour, label=label, lw=1.8, marker="o" if len(x) < 8 else "", ms=4)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))


def mark_epoch(axes: Axes, epoch: int, score: float, last_epoch: int) -> None:
    """Mark a point of the Dice curve, its label where there is room."""
    axes.axvline(epoch, color=INK, lw=0.8, ls=(0, (4, 3)))
    axes.plot([epoch], [score], marker="o", ms=7, mfc="white", mec=INK, mew=1.6)
    late = epoch > last_epoch / 2
    axes.annotate(
        f"kept: epoch {epoch}, {score:.3f}",
        (epoch, 0.06 if score > 0.5 else 0.94),
        xytext=(-6 if late else 6, 0),
        textcoords="offset points",
        ha="right" if late else "left",
        fontsize=9,
        color=INK,
    )


def quartile_lines(
    axes: Axes, values: NDArray[np.float64], form: str
) -> tuple[float, float, float]:
    """Mark a histogram's quartiles and median, and return quartile, median, quartile."""
    low, middle, high = (float(value) for value in np.quantile(values, (0.25, 0.5, 0.75)))
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.axvspan(low, high, color=INK, alpha=0.07, lw=0, zorder=0.5)
    axes.axvline(middle, color=INK, lw=1.4)
    axes.set_title(
        f"median {middle:{form}}, shaded: middle half", fontsize=9, color=MUTED, loc="left"
    )
    return low, middle, high
