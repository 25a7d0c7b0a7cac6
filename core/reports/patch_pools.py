"""Training patches and their pools: how much edge they hold, and what such patches look like."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from core.reports.contours import Image
from core.reports.drawing import INK, MUTED, Plot, panel
from core.reports.run_folder import FIGURES

PATCHES: Final = "patches.csv"
POOLS: Final = {"clean": "#0072b2", "neither": "#8a9199", "corrupted": "#d55e00"}
"""Pools of patches and their colours, in the order of what they measure."""
SHOWN: Final = 8
"""Patches that are shown of a pool."""
_COLUMNS: Final = 4


@dataclass(frozen=True)
class Picture:
    """What the page says of a figure that the training has drawn: file name, heading, words."""

    name: str
    title: str
    alt: str


def patch_pictures(root: Path) -> list[Picture]:
    """Return what a run's patch figures are; none where it was not trained on patches."""
    if not (root / PATCHES).is_file():
        return []
    said = _said(pd.read_csv(root / PATCHES, usecols=["measure", "pool"]))
    return [each for each in said.values() if (root / FIGURES / f"{each.name}.png").is_file()]


def plot_measures(table: pd.DataFrame, clean_below: float, corrupted_above: float) -> Plot:
    """Plot how many patches measure how much, and where the pools end.

    Args:
        table: A row a patch: `measure` in grey levels, and `pool`.
        clean_below: Largest measure of a clean patch.
        corrupted_above: Least measure of a corrupted one.
    """
    used = table[table["pool"] != "background"]
    figure, axes = panel("Mean vertical edge (grey levels)", "Patches")
    bins = _bins(clean_below, corrupted_above, used["measure"].max())
    measures = [used.loc[used["pool"] == pool, "measure"] for pool in POOLS]
    labels = [f"{pool} {len(each):,}" for pool, each in zip(POOLS, measures, strict=True)]
    axes.hist(measures, bins=bins, stacked=True, color=list(POOLS.values()), label=labels)
    for place in (clean_below, corrupted_above):
        axes.axvline(place, color=INK, lw=1.1, ls=(0, (4, 3)))
    axes.set_xlim(0, bins[-1])
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_title(
        f"clean up to {clean_below:g}, corrupted from {corrupted_above:g}",
        fontsize=9,
        color=MUTED,
        loc="left",
    )
    axes.legend(frameon=False, fontsize=9, labelcolor=INK)
    return Plot(**vars(_said(table)["all"]), figure=figure)


def _bins(clean_below: float, corrupted_above: float, highest: float) -> list[float]:
    """Return the borders of about sixty bars, the two thresholds among them."""
    highest = max(highest, corrupted_above) or 1.0
    gap = corrupted_above - clean_below
    width = gap / max(1, round(60 * gap / highest)) if gap else highest / 60
    first, last = -math.ceil(clean_below / width), math.floor((highest - clean_below) / width) + 1
    return [clean_below + width * number for number in range(first, last + 1)]


def plot_pool(table: pd.DataFrame, pool: str, patches: Sequence[tuple[Image, float]]) -> Plot:
    """Lay patches of a pool out, each over what it measures.

    Args:
        table: As for `plot_measures`.
        pool: clean, neither or corrupted.
        patches: Up to `SHOWN` pictures, (p, p) or (p, p, 3) uint8, and their measures.
    """
    figure = Figure(figsize=(4.8, 2.85), facecolor="white")
    FigureCanvasAgg(figure)
    figure.subplots_adjust(left=0, right=1, top=1, bottom=0.08, wspace=0.04, hspace=0.19)
    cells = figure.subplots(SHOWN // _COLUMNS, _COLUMNS).ravel()
    for axes in cells:
        axes.set_axis_off()
    for axes, (picture, measure) in zip(cells, patches, strict=False):
        axes.imshow(picture, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
        axes.set_title(f"{measure:.2f}", y=-0.15, pad=0, fontsize=9, color=INK)
    return Plot(**vars(_said(table)[pool]), figure=figure)


def _said(table: pd.DataFrame) -> Mapping[str, Picture]:
    """Return what is said of the histogram ("all") and of each pool's patches."""
    used = table[table["pool"] != "background"]
    counts = {pool: int((used["pool"] == pool).sum()) for pool in POOLS}
    listed = ", ".join(f"{count:,} {pool}" for pool, count in counts.items())
    middle = f"median of the mean vertical edge {used['measure'].median():.2f} grey levels"
    alt = f"{len(used):,} training patches: {listed}; {middle}."
    said = {"all": Picture("patches", "Vertical edge of the training patches", alt)}
    for pool, count in counts.items():
        measures = used.loc[used["pool"] == pool, "measure"]
        title = f"{pool.capitalize()}: {count:,} of {len(used):,} patches"
        alt = f"Patches that are {pool}, measuring {measures.min():.2f} to {measures.max():.2f}."
        said[pool] = Picture(f"patches_{pool}", title, alt)
    return said
