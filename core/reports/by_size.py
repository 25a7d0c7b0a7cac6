"""Accuracy against how much was trained with (the echocardiography thesis's Fig. 4.12)."""

from __future__ import annotations

from typing import Final

import pandas as pd
from matplotlib.ticker import FixedLocator, NullLocator

from core.reports.drawing import INK, Plot, looks, panel

_COLUMNS: Final = ("network", "share", "accuracy")


def plot_by_size(rows: pd.DataFrame, title: str) -> Plot:
    """Draw test accuracy against the share of the training data, a line and marker a network.

    Args:
        rows: One row a run: network, its name; share, above 0 and up to 1, of the training data;
            accuracy, 0..1. Of runs of one network and share the line goes through the mean.
        title: Heading.

    Returns:
        The figure, named "by_size"; its x axis is logarithmic.
    """
    figure, axes = panel("Share of the training data", "Test accuracy", width=6.4, height=3.8)
    known = rows[list(_COLUMNS)].dropna()
    said = []
    for name, look in looks(list(known["network"].unique())).items():
        own = known[known["network"] == name]
        mean = own.groupby("share")["accuracy"].mean()
        line = axes.plot(mean.index, mean, color=look.colour, ls=look.line, lw=1.2, alpha=0.7)
        line[0].set_label("_")
        axes.scatter(own["share"], own["accuracy"], s=40, c=look.colour, marker=look.marker)
        axes.scatter([], [], s=40, c=look.colour, marker=look.marker, label=str(name))
        said.append(f"{name} {', '.join(f'{a:.3f} of {s:.4g}' for s, a in mean.items())}")
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(FixedLocator(sorted(known["share"].unique())))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(lambda share, _: f"{100 * share:.3g} %")
    figure.legend(loc="outside lower left", ncols=3, frameon=False, fontsize=9, labelcolor=INK)
    alt = f"Test accuracy by share of the training data: {'; '.join(said)}."
    return Plot(name="by_size", title=title, alt=alt, figure=figure)
