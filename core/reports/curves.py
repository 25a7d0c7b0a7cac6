"""Curves of several runs over each other: a metric over the training, a colour for each run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from core.reports.drawing import INK, Plot, curve, quiet

STAGES: Final = {"train": "training", "val": "validation", "test": "test"}
WIDE_SPAN: Final = 100  # largest over smallest value from which an axis is logarithmic

Curves = Mapping[str, pd.DataFrame]


def plot_curves(
    curves: Curves,
    metric: str,
    title: str,
    *,
    panels: Mapping[str, Sequence[str]] | None = None,
    x: str = "epoch",
    beside: str | None = None,
) -> Plot:
    """Draw a metric over the epochs for each run.

    Args:
        curves: Label to the rows of a run's metrics.csv.
        metric: The column to draw; a panel is logarithmic where it spans over two decades.
        title: Heading.
        panels: Title of a panel to the labels in it: one below the other, with y axes of their own.
            Labels of no curve are passed over. None draws all in one.
        x: Column of the x axis, "epoch" or "step".
        beside: A column that is drawn too, dotted, in the colour of its run, such as the training's
            accuracy beside the validation's.

    Returns:
        The figure, named "curves".
    """
    drawn = {
        name: {label: curves[label] for label in labels if label in curves}
        for name, labels in (panels or {"": [*curves]}).items()
    }
    drawn = {name: own for name, own in drawn.items() if own}
    figure = Figure(figsize=(7.2, 3.1 * len(drawn)), layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    rows = figure.subplots(len(drawn), sharex=True, squeeze=False)[:, 0]
    for axes, (name, own) in zip(rows, drawn.items(), strict=True):
        quiet(axes, x.capitalize() if axes is rows[-1] else "", _named(metric))
        axes.set_title(name, fontsize=10, loc="left", color=INK)
        _draw(axes, own, metric, x, beside)
    figure.align_ylabels()
    figure.suptitle(title, fontsize=10, x=0.01, ha="left", wrap=True)
    alt = f"{metric} at the end: {'; '.join(_ends(own, metric) for own in drawn.values())}"
    return Plot(name="curves", title=title, alt=alt, figure=figure)


def _draw(axes: Axes, curves: Curves, metric: str, x: str, beside: str | None) -> None:
    """Draw the curves of one panel, with their key beside it."""
    colours = colormaps["viridis"].resampled(max(2, len(curves) + 1))
    for number, (label, rows) in enumerate(curves.items()):
        known = rows.dropna(subset=[metric])  # not every epoch is validated
        curve(axes, known[x], known[metric], label, to_hex(colours(number)))
        if beside:
            also = rows.dropna(subset=[beside])
            axes.plot(also[x], also[beside], color=to_hex(colours(number)), lw=1.1, ls=":")
    if beside:
        stage = beside.partition("/")[0]
        axes.plot([], [], color=INK, lw=1.1, ls=":", label=STAGES.get(stage, beside))
    values = pd.concat([rows[metric] for rows in curves.values()])
    if values.min() > 0 and values.max() > WIDE_SPAN * values.min():
        axes.set_yscale("log")
    columns = 1 + (len(curves) - 1) // 14  # what fits beside a panel
    place = (1.0, 0.5)
    axes.legend(frameon=False, fontsize=8, ncols=columns, loc="center left", bbox_to_anchor=place)


def _ends(curves: Curves, metric: str) -> str:
    """Say each curve's last value."""
    ends = {label: rows[metric].dropna().iloc[-1:] for label, rows in curves.items()}
    return "; ".join(f"{label}: {end.mean():.3g}" for label, end in ends.items())


def _named(metric: str) -> str:
    """Return a metric's name for readers: "train/l1_loss" is "L1 loss (training)"."""
    stage, _, name = metric.rpartition("/")
    words = name.replace("_", " ")
    return f"{words[:1].upper()}{words[1:]}" + (f" ({STAGES[stage]})" if stage in STAGES else "")
