"""Which class is taken for which: the confusion matrix (the thesis's Fig. 2.10), and in words."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import fill
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import NDArray

from core.reports.drawing import INK, MUTED, Plot, panels

_NAMED: Final = 4
"""Pairs that are put into words at most."""

_CELL, _EDGE = 0.56, 1.1  # inches: of a cell, and of both axes' labels
_COLUMNS, _TITLE = 2, 0.3  # matrices beside each other; inches
_DARK: Final = 0.55  # share from which text on the cell's colour is white


def confusion_counts(truth: pd.Series, predicted: pd.Series, classes: list[str]) -> pd.DataFrame:
    """Count which class is taken for which.

    Args:
        truth: (N,) names.
        predicted: (N,) names.
        classes: All names, in the order of rows and columns.

    Returns:
        (K, K): rows are the expected class, columns the predicted one.
    """
    counts = pd.crosstab(truth.to_numpy(), predicted.to_numpy())
    return counts.reindex(index=classes, columns=classes, fill_value=0)


def plot_confusion(counts: pd.DataFrame, name: str, title: str, unit: str) -> Plot:
    """Draw a confusion matrix: in each cell its share of its row, which is also its colour.

    Args:
        counts: (K, K), rows are the expected class, columns the predicted one.
        name: File name without ending.
        title: Heading.
        unit: What is counted, such as "images"; how many stands beside each row.
    """
    side = _EDGE + _CELL * len(counts)
    figure, [axes] = panels(1, 1, side, side)
    return Plot(name=name, title=title, alt=_draw(axes, counts, unit), figure=figure)


def plot_confusions(counts: Mapping[str, pd.DataFrame], title: str, unit: str) -> Plot:
    """Draw the confusion matrices of a table's rows beside each other (the thesis's Fig. 4.8).

    Args:
        counts: Label to (K, K), rows are the expected class, columns the predicted one.
        title: Heading.
        unit: What is counted, such as "images".

    Returns:
        The figure, named "confusion".
    """
    side = _EDGE + _CELL * max(map(len, counts.values()))
    figure, grid = panels(len(counts), _COLUMNS, side, side + _TITLE)
    said = []
    for axes, (label, own) in zip(grid, counts.items(), strict=True):
        axes.set_title(fill(label, 48), fontsize=11, loc="left", color=INK, parse_math=False)
        said.append(f"{label}: {_draw(axes, own, unit)}")
    return Plot(name="confusion", title=title, alt=" ".join(said), figure=figure)


def _draw(axes: Axes, counts: pd.DataFrame, unit: str) -> str:
    """Draw one matrix, and return what it says."""
    shares, names = _shares(counts), list(map(str, counts))
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1.15)
    _label(axes, names, counts.to_numpy().sum(axis=1), unit)
    for row, column in np.argwhere(shares > 0):
        _write(axes, row, column, shares[row, column])
    recalls = zip(names, np.diag(shares), strict=True)
    said = ", ".join(f"{name} {share:.2f}" for name, share in recalls)
    return f"Confusion matrix of {counts.to_numpy().sum()} {unit}; rightly recognised: {said}."


def _write(axes: Axes, row: int, column: int, share: float) -> None:
    """Write a share into its cell."""
    words = f"{share:.2f}" if share >= 0.005 else "<.01"
    colour, weight = "white" if share > _DARK else INK, "bold" if row == column else "normal"
    text = axes.text(column, row, words, ha="center", va="center", size=9)
    text.set(color=colour, weight=weight)


def _label(axes: Axes, names: list[str], totals: NDArray[np.int64], unit: str) -> None:
    """Name rows and columns, and part the cells."""
    places = range(len(names))
    rows = [f"{name}\n({total:,})" for name, total in zip(names, totals, strict=True)]
    axes.set_xticks(places, names, rotation=40, ha="right", rotation_mode="anchor")
    axes.set_yticks(places, rows)
    axes.set_xlabel("Predicted class", color=INK, fontsize=10)
    axes.set_ylabel(f"True class (number of {unit})", color=INK, fontsize=10)
    axes.tick_params(length=0, labelsize=9, labelcolor=INK)
    axes.spines[:].set_color(MUTED)
    edges = np.arange(1, len(names)) - 0.5
    axes.set_xticks(edges, minor=True)
    axes.set_yticks(edges, minor=True)
    axes.grid(which="minor", color="white", lw=1.5)
    axes.tick_params(which="minor", length=0)


def hard_pairs(counts: pd.DataFrame, unit: str) -> list[str]:
    """Say which classes are most often taken for another: the largest shares, falling.

    Args:
        counts: (K, K), rows are the expected class, columns the predicted one.
        unit: What is counted, such as "images".
    """
    wrong, given, names = _shares(counts), counts.to_numpy(), list(map(str, counts))
    np.fill_diagonal(wrong, 0)
    order = np.argsort(-wrong, axis=None, kind="stable")[:_NAMED]
    pairs = zip(*np.unravel_index(order, wrong.shape), strict=True)
    return [
        f"{names[row]} is taken for {names[column]} in {wrong[row, column]:.0%} of "
        f"its {unit} ({given[row, column]:,} of {given[row].sum():,})"
        for row, column in pairs
        if wrong[row, column] > 0
    ]


def _shares(counts: pd.DataFrame) -> NDArray[np.float64]:
    """Return each row over its sum (K, K); 0 where the sum is."""
    given = counts.to_numpy()
    return np.asarray(given / np.maximum(given.sum(axis=1, keepdims=True), 1))
