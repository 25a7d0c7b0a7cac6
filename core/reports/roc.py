"""ROC curves: over pixels by group of images (the median nerve paper's Fig. 3), and of classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from core.reports.drawing import INK, MUTED, Plot, looks, panel, panels, quiet

ALL: Final = "all"
"""The group of all images."""

_POINTS: Final = 501  # of a mean curve
_COLUMNS: Final = 2
_PANEL: Final = (3.0, 2.9)  # inches
_CROWDED: Final = 5  # curves of a panel from which its legend is small
_TICKS: Final = (0, 0.2, 0.4, 0.6, 0.8, 1)


def plot_roc(roc: pd.DataFrame) -> Plot | None:
    """Plot each group's curve, or that of all images where there are no groups; None without any.

    Args:
        roc: One row a point: structure, group, fpr, tpr, auc.
    """
    if roc.empty:
        return None
    groups = sorted(set(roc["group"]) - {ALL}) or [ALL]
    titles = ["All test images" if group == ALL else group for group in groups]
    curves = [roc[roc["group"] == group] for group in groups]
    figure, said = draw_panels(dict(zip(titles, curves, strict=True)))
    alt = f"ROC curves over pixels, area under the curve: {'; '.join(said)}."
    return Plot(name="roc", title="ROC over pixels", alt=alt, figure=figure)


def draw_panels(curves: Mapping[str, pd.DataFrame]) -> tuple[Figure, list[str]]:
    """Draw curves, a panel a title, and return what they say.

    Args:
        curves: Title to one row a point: structure, fpr, tpr, auc.
    """
    figure, grid = panels(len(curves), _COLUMNS, *_PANEL)
    said = []
    for number, (axes, (title, points)) in enumerate(zip(grid, curves.items(), strict=True)):
        quiet(axes, "False positive rate", "True positive rate")
        said += _draw_panel(axes, points, title)
        left, bottom = number % _COLUMNS == 0, number + _COLUMNS >= len(curves)
        _label_outer(axes, left=left, bottom=bottom)
    return figure, said


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
    by_class = {name: curves[curves["structure"] == name] for name in classes}
    figure, said = _draw_together(by_class)
    alt = f"ROC curves of each class against all others, area under the curve: {', '.join(said)}."
    return Plot(name="roc", title="ROC of each class", alt=alt, figure=figure)


def plot_rows_roc(curves: Mapping[str, pd.DataFrame]) -> Plot | None:
    """Plot the curves of a table's rows: over each other, or a panel a row of several structures.

    Args:
        curves: Label to one row a point: structure, fpr, tpr, auc; may be empty.

    Returns:
        None without any curve.
    """
    known = {label: points for label, points in curves.items() if len(points)}
    if not known:
        return None
    several = max(points["structure"].nunique() for points in known.values()) > 1
    figure, said = draw_panels(known) if several else _draw_together(known)
    alt = f"ROC curves, area under the curve: {'; '.join(said)}."
    return Plot(name="roc", title="ROC curves", alt=alt, figure=figure)


def mean_roc(runs: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the mean true positive rate of several runs at equal false positive rates.

    Args:
        runs: Of each run one row a point: structure, group, fpr, tpr, auc, as in roc.csv.

    Returns:
        structure, fpr, tpr, auc of the group of all images; the area is the mean of the areas.

    References:
        Vertical averaging: Fawcett, Pattern Recognition Letters 2006;27:861, Section 8.1.
    """
    rates = np.linspace(0, 1, _POINTS)
    parts = [run[run["group"] == ALL].dropna() for run in runs if len(run)]
    means = []
    for structure in dict.fromkeys(name for part in parts for name in part["structure"]):
        own = [part[part["structure"] == structure] for part in parts]
        own = [points for points in own if len(points)]
        found = np.mean([np.interp(rates, run["fpr"], run["tpr"]) for run in own], axis=0)
        area = np.mean([run["auc"].iloc[0] for run in own])
        means.append(pd.DataFrame({"fpr": rates, "tpr": found, "auc": area}))
        means[-1].insert(0, "structure", structure)
    return pd.concat(means, ignore_index=True) if means else pd.DataFrame()


def _draw_together(curves: Mapping[str, pd.DataFrame]) -> tuple[Figure, list[str]]:
    """Draw one curve a name over each other, and return the figure and what it says."""
    figure, axes = panel("False positive rate", "True positive rate", height=4.8)
    axes.plot([0, 1], [0, 1], color=MUTED, lw=0.8, ls=(0, (2, 3)))
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), xticks=_TICKS, yticks=_TICKS, aspect="equal")
    said = []
    for name, look in looks(list(curves)).items():
        points = curves[name]
        if len(points):
            said.append(f"{name} {points['auc'].iloc[0]:.4f}")
            (line,) = axes.plot(points["fpr"], points["tpr"], label=said[-1], lw=1.6)
            line.set(color=look.colour, ls=look.line)
    axes.legend(loc="lower right", fontsize=9, labelcolor=INK, edgecolor="none", title="AUC")
    return figure, said


def _draw_panel(axes: Axes, curves: pd.DataFrame, title: str) -> list[str]:
    """Draw curves, a colour for each structure, and return what they say."""
    axes.set_title(title, fontsize=10, color=INK, loc="left", weight="bold", parse_math=False)
    axes.plot([0, 1], [0, 1], color=MUTED, lw=0.8, ls=(0, (2, 3)))
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), xticks=_TICKS, yticks=_TICKS, aspect="equal")
    several = curves["structure"].nunique() > 1
    said = []
    colours = looks(list(curves["structure"].unique()))
    for structure, points in curves.groupby("structure", sort=False):
        colour = colours[str(structure)].colour
        area = f"AUC {points['auc'].iloc[0]:.4f}"
        label = f"{structure}: {area}" if several else area
        axes.plot(points["fpr"], points["tpr"], color=colour, lw=1.8, label=label)
        said.append(f"{title}, {label}")
    length = 1.2 if several else 0  # one curve needs no key
    size = 9 if len(said) < _CROWDED else 7
    axes.legend(
        loc="lower right", fontsize=size, labelcolor=INK, handlelength=length, edgecolor="none"
    )
    return said


def _label_outer(axes: Axes, *, left: bool, bottom: bool) -> None:
    """Keep the labels of those axes that have no panel beside or below them."""
    axes.tick_params(labelleft=left, labelbottom=bottom)
    axes.yaxis.label.set_visible(left)
    axes.xaxis.label.set_visible(bottom)
