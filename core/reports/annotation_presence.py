"""Does the confidence tell images with an annotation from images without?"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from core.reports.cases import OUTCOMES
from core.reports.drawing import INK, OUTCOME_COLOURS, Plot, quiet
from core.reports.numbers import ABSENT
from core.reports.roc import ALL, plot_roc
from core.reports.run_folder import RunFolder
from core.reports.tables import Table
from core.statistics import subject_intervals

_PRESENT: Final = 0.5  # as `core.metrics.confidence.PRESENT`
_COLUMNS: Final = (
    *("Annotation", "Images with", "Images without"),
    *("AUC (95 % interval)", "Sensitivity", "Specificity"),
)
_LANES: Final = {1: "with", 0: "without"}  # by where they are drawn
_LANE: Final = 0.8  # of the distance between two
_OUTCOMES: Final = {1: ("TP", "FN"), 0: ("FP", "TN")}  # from the confidence on, and below
_BINS: Final = 60  # dots of one bin of the confidence lie above each other
_LEAST_FULL: Final = 12  # dots that fill a lane, where no bin has more


def presence_table(run: RunFolder) -> Table | None:
    """Return each kind's images, area under the ROC curve, and rates where 0.5 decides.

    The interval is by subject and after Obuchowski, Biometrics 1997;53:567: the area is a mean of
    components, one an image, and whole subjects are drawn again from those. None where no
    annotation was looked for.
    """
    if run.presence.empty:
        return None
    rows = [_row(str(kind), of) for kind, of in run.presence.groupby("kind", sort=False)]
    return Table(columns=_COLUMNS, rows=rows, numeric=frozenset(_COLUMNS[1:]))


def presence_plots(run: RunFolder) -> list[Plot]:
    """Plot the ROC over images, and the confidences of images with and without each kind.

    Kinds that are on all images, or on none, have no curve; nothing where none was looked for.
    """
    if run.presence.empty:
        return []
    return [*_roc(run.presence), _confidences(run.presence)]


def _row(kind: str, of: pd.DataFrame) -> list[str]:
    found = of["confidence"] >= _PRESENT
    there = of["truth"] == 1
    counts = [str(int(there.sum())), str(int((~there).sum()))]
    return [kind, *counts, _area_cell(of), _share(found[there]), _share(~found[~there])]


def _share(right: pd.Series) -> str:
    return f"{right.mean():.3f}" if len(right) else ABSENT


def _area_cell(of: pd.DataFrame) -> str:
    """Return the area under the curve, and its interval where there are subjects enough."""
    components = _components(of)
    if components.empty:
        return ABSENT
    area = f"{components.mean():.4f}"
    interval = subject_intervals(components.to_frame("auc"), of["subject"]).get("auc")
    if interval is None:
        return area
    low, high = (min(max(end, 0.0), 1.0) for end in interval)
    return f"{area} ({low:.4f} to {high:.4f})"


def _components(of: pd.DataFrame) -> pd.Series:
    """Return a number an image, whose mean is the area and scatters as the area does.

    An image's placement is the share of the other class on its right side, ties half (DeLong et
    al., Biometrics 1988;44:837); of either class their mean is the area. As the area varies with
    both classes, an image counts by its placement's distance from it, over its class's share of the
    images. Empty where one class is not there.
    """
    there = of["truth"] == 1
    if there.all() or not there.any():
        return pd.Series(dtype=float)
    below = of["confidence"].rank() - of.groupby("truth")["confidence"].rank()
    placement = (below / (~there).sum()).where(there, 1 - below / there.sum())
    area, share = placement[there].mean(), there.mean()
    return area + (placement - area) / there.map({True: share, False: 1 - share})


def _roc(table: pd.DataFrame) -> list[Plot]:
    """Plot the kinds' curves over all test images."""
    curves = [_curve(str(kind), of) for kind, of in table.groupby("kind", sort=False)]
    points = pd.concat(curves)
    plot = plot_roc(points)
    if plot is None:
        return []
    areas = points.groupby("structure", sort=False)["auc"].first()
    said = "; ".join(f"{kind} {area:.4f}" for kind, area in areas.items())
    alt = f"ROC curves over images, area under the curve: {said}."
    return [replace(plot, name="presence_roc", title="ROC over images", alt=alt)]


def _curve(kind: str, of: pd.DataFrame) -> pd.DataFrame:
    """Return a kind's curve as `plot_roc` takes it; no points where one class is not there."""
    components = _components(of)
    if components.empty:
        return pd.DataFrame()
    above = pd.crosstab(of["confidence"], of["truth"])[::-1].cumsum()
    fpr, tpr = ([0.0, *above[truth] / above[truth].iloc[-1]] for truth in (0, 1))
    points = {"structure": kind, "group": ALL, "fpr": fpr, "tpr": tpr, "auc": components.mean()}
    return pd.DataFrame(points)


def _confidences(table: pd.DataFrame) -> Plot:
    """Draw a dot an image, in a panel for each kind: images with it above, without it below."""
    kinds = list(table.groupby("kind", sort=False))
    size = (5.4, 0.9 + 0.9 * len(kinds))  # inches
    figure = Figure(figsize=size, layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    panels = figure.subplots(len(kinds), sharex=True, squeeze=False)[:, 0]
    for axes, (kind, of) in zip(panels, kinds, strict=True):
        _draw_kind(axes, str(kind), of)
    panels[-1].set_xlabel("Confidence", color=INK, fontsize=10)
    _draw_key(panels[0])
    title = "Confidence of images with and without"
    alt = f"{title}. {' '.join(_in_words(str(kind), of) for kind, of in kinds)}"
    return Plot(name="presence_confidence", title=title, alt=alt, figure=figure)


def _draw_kind(axes: Axes, kind: str, of: pd.DataFrame) -> None:
    """Draw the images of one kind, in two lanes."""
    quiet(axes, "", "")
    axes.set_title(kind, fontsize=10, color=INK, loc="left", weight="bold", parse_math=False)
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.5, 1.5))
    axes.grid(visible=False, axis="y")
    axes.axvline(_PRESENT, color=INK, lw=0.8, ls=(0, (4, 3)))
    labels = []
    for place, name in _LANES.items():
        values = of.loc[of["truth"] == place, "confidence"]
        outcome = np.where(values >= _PRESENT, *_OUTCOMES[place])
        colours = [OUTCOME_COLOURS[key] for key in outcome]
        axes.scatter(values, place + _swarm(values), s=9, c=colours, alpha=0.7, lw=0)
        labels.append(f"{name}: {len(values)}")
    axes.set_yticks(list(_LANES), labels)


def _draw_key(axes: Axes) -> None:
    """Name the colours above all panels."""
    for key, name in OUTCOMES.items():
        axes.scatter([], [], s=24, c=OUTCOME_COLOURS[key], lw=0, label=name.lower())
    look = {"frameon": False, "fontsize": 9, "labelcolor": INK}
    axes.figure.legend(
        loc="outside upper left", ncols=4, handletextpad=0, columnspacing=0.8, **look
    )


def _in_words(kind: str, of: pd.DataFrame) -> str:
    """Say in how many images a kind is found."""
    found = of["confidence"].ge(_PRESENT).groupby(of["truth"])
    total, count = found.size(), found.sum()
    lanes = [f"{count.get(n, 0)} of {total.get(n, 0)} {name} it" for n, name in _LANES.items()]
    return f"{kind}: {_PRESENT} or more in {', '.join(lanes)}."


def _swarm(values: pd.Series) -> pd.Series:
    """Return how far above or below its lane's middle each dot lies, so that all are seen."""
    alike = values.groupby((values * _BINS).round())
    count: pd.Series[int] = alike.transform("size")
    fullest = max(count.max(), _LEAST_FULL) if len(count) else _LEAST_FULL
    return (alike.cumcount() - (count - 1) / 2) / fullest * _LANE
