"""Curves of several runs over each other: a metric over the epochs, a colour for each run."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from matplotlib import colormaps
from matplotlib.colors import to_hex

from core.reports.drawing import Plot, curve, panel


def plot_curves(curves: Mapping[str, pd.DataFrame], metric: str, title: str) -> Plot:
    """Draw a metric over the epochs for each run.

    Args:
        curves: Label to the rows of a run's metrics.csv.
        metric: The column to draw.
        title: Heading.

    Returns:
        The figure, named "curves".
    """
    figure, axes = panel("Epoch", metric, width=7.2)
    colours = colormaps["viridis"].resampled(max(2, len(curves) + 1))
    for number, (label, epochs) in enumerate(curves.items()):
        curve(axes, epochs["epoch"], epochs[metric], label, to_hex(colours(number)))
    axes.legend(frameon=False, fontsize=8, ncols=2, loc="center left", bbox_to_anchor=(1.0, 0.5))
    axes.set_title(title, fontsize=10, loc="left", wrap=True)
    ends = "; ".join(f"{label}: {epochs[metric].iloc[-1]:.3f}" for label, epochs in curves.items())
    return Plot(
        name="curves", title=title, alt=f"{metric} at the last epoch: {ends}", figure=figure
    )
