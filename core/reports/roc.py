"""ROC curves: over pixels by group of images (the median nerve paper's Fig. 3), and of classes."""

from __future__ import annotations

from typing import Final

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from core.reports.drawing import GROUP_COLOURS, INK, MUTED, Plot, looks, panel, quiet

ALL: Final = "all"
"""The group of all images."""

_PANEL: Final = (3.0, 2.9)  # inches
_TICKS: Final = (0, 0.2, 0.4, 0.6, 0.8, 1)


def plot_roc(roc: pd.DataFrame) -> Plot | None:
    """Plot each group's curve, or that of all images where there are no groups; None without any.

    Args:
        roc: One row a point: structure, group, fpr, tpr, auc.
    """
    if roc.empty:
        return None
    panels = sorted(set(roc["group"]) - {ALL}) or [ALL]
    columns = min(2, len(panels))
    rows = -(-len(panels) // columns)
    size = (columns * _PANEL[0], rows * _PANEL[1])
    figure = Figure(figsize=size, layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    said = []
    for number, (axes, group) in enumerate(zip(grid, panels, strict=False)):
        quiet(axes, "False positive rate", "True positive rate")
        said += _draw_panel(axes, roc[roc["group"] == group], group)
        _label_outer(axes, left=number % columns == 0, bottom=number + columns >= len(panels))
    for axes in grid[len(panels) :]:
        axes.remove()
    alt = f"ROC curves over pixels, area under the curve: {'; '.join(said)}."
    return Plot(name="roc", title="ROC over pixels", alt=alt, figure=figure)


def plot_class_roc(roc: pd.DataFrame, classes: list[str]) -> Plot | None:
    """Plot a curve a class over all images (the echocardiography thesis's Fig. 4.4).

    Args:
        roc: One row a point: structure, the class's name; group, fpr, tpr, auc.
        classes: The names, in the order of the legend; those without a curve are left out.

    Returns:
        None without any curve.
    """
    curves = roc[roc["group"] == ALL].dropna() if len(roc) else roc
    if curves.empty:
        return None
    figure, axes = panel("False positive rate", "True positive rate", height=4.8)
    axes.plot([0, 1], [0, 1], color=MUTED, lw=0.8, ls=(0, (2, 3)))
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), xticks=_TICKS, yticks=_TICKS, aspect="equal")
    said = []
    for name, look in looks(classes).items():
        points = curves[curves["structure"] == name]
        if len(points):
            said.append(f"{name} {points['auc'].iloc[0]:.4f}")
            (line,) = axes.plot(points["fpr"], points["tpr"], label=said[-1], lw=1.6)
            line.set(color=look.colour, ls=look.line)
    axes.legend(loc="lower right", fontsize=9, labelcolor=INK, edgecolor="none", title="AUC")
    alt = f"ROC curves of each class against all others, area under the curve: {', '.join(said)}."
    return Plot(name="roc", title="ROC of each class", alt=alt, figure=figure)


def _draw_panel(axes: Axes, curves: pd.DataFrame, group: str) -> list[str]:
    """Draw the curves of one group, a colour for each structure, and return what they say."""
    title = "All test images" if group == ALL else group
    axes.set_title(title, fontsize=10, color=INK, loc="left", weight="bold", parse_math=False)
    axes.plot([0, 1], [0, 1], color=MUTED, lw=0.8, ls=(0, (2, 3)))
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), xticks=_TICKS, yticks=_TICKS, aspect="equal")
    several = curves["structure"].nunique() > 1
    said = []
    for colour, (structure, points) in zip(
        GROUP_COLOURS, curves.groupby("structure", sort=False), strict=False
    ):
        area = f"AUC {points['auc'].iloc[0]:.4f}"
        label = f"{structure}: {area}" if several else area
        axes.plot(points["fpr"], points["tpr"], color=colour, lw=1.8, label=label)
        said.append(f"{title}, {label}")
    length = 1.2 if several else 0  # one curve needs no key
    axes.legend(
        loc="lower right", fontsize=9, labelcolor=INK, handlelength=length, edgecolor="none"
    )
    return said


def _label_outer(axes: Axes, *, left: bool, bottom: bool) -> None:
    """Keep the labels of those axes that have no panel beside or below them."""
    axes.tick_params(labelleft=left, labelbottom=bottom)
    axes.yaxis.label.set_visible(left)
    axes.xaxis.label.set_visible(bottom)
