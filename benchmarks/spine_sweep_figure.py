"""The figure of `benchmarks.spine_sweep`: a row a sweep, everything on one scale in mm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from core.reports.contours import STRUCTURE_RGB
from core.reports.drawing import INK, MUTED, Plot
from core.reports.patch_pools import POOLS

Extent = tuple[float, float, float, float]
TITLES = ("projection", "published volume", "patches", "restored", "segmented")
COLOURS = [tuple(level / 255 for level in rgb) for rgb in STRUCTURE_RGB]
BAR_MM, TINT = 10, 0.3


@dataclass(frozen=True, kw_only=True)
class Way:
    """What becomes of one sweep.

    Attributes:
        name: Of its row.
        piece: (H, W) uint8 projection.
        piece_mm: Height and width of it.
        laid: (h, w) uint8 on the network's grid, as are `restored` and `classes`.
        restored: What the network makes of it.
        classes: Its segmentation.
        patches: `top`, `left`, `size` in pixels of the grid, `measure` and `pool`.
        extent_mm: Left, right, bottom and top of the grid, from the piece's upper left corner.
        notes: Numbers to write under `laid` and `restored`.
    """

    name: str
    piece: np.ndarray
    piece_mm: tuple[float, float]
    laid: np.ndarray
    restored: np.ndarray
    classes: np.ndarray
    patches: pd.DataFrame
    extent_mm: Extent
    notes: tuple[str, str]


def plot(ways: Sequence[Way], theirs: np.ndarray, theirs_mm: tuple[float, float], words: str,
         structures: Sequence[str]) -> Plot:  # fmt: skip
    """Draw the sweeps, and beside the first the projection of the volume that came with it."""
    drawn = Figure(figsize=(9.3, 4.8), layout="constrained", facecolor="white")
    drawn.get_layout_engine().set(w_pad=0.05, h_pad=0.07)
    FigureCanvasAgg(drawn)
    grid = drawn.subplots(len(ways), 5)
    for axes, title in zip(grid[0], TITLES, strict=True):
        axes.set_title(title, fontsize=9.5, color=INK)
    for row, way in zip(grid, ways, strict=True):
        cells = [row[0], *row[2:]]
        pictures = (way.piece, way.laid, way.restored, way.restored)
        extents = (_extent(way.piece_mm), *[way.extent_mm] * 3)
        for axes, picture, extent in zip(cells, pictures, extents, strict=True):
            _show(axes, picture, extent, way.piece_mm)
        for axes, note in zip(cells[1:], way.notes, strict=False):
            axes.set_xlabel(note, fontsize=8, color=MUTED, labelpad=3)
        row[0].set_ylabel(way.name, fontsize=9.5, color=INK)
        _tint(row[2], way)
        _outline(row[4], way, len(structures))
    _show(grid[0, 1], theirs, _extent(theirs_mm), ways[0].piece_mm)
    _bar(grid[0, 0], ways[0].piece_mm[0])
    _explain(grid[1, 1], words, structures)
    alt = f"Projections of a spine phantom's sweep, {', '.join(TITLES)}. {words}"
    return Plot(name="sweep", title="A real sweep, from frames to bones", alt=alt, figure=drawn)


def _extent(size_mm: tuple[float, float]) -> Extent:
    return 0, size_mm[1], size_mm[0], 0


def _show(axes: Axes, image: np.ndarray, extent: Extent, size_mm: tuple[float, float]) -> None:
    """Show the part of a grey image that the piece takes."""
    axes.imshow(image, cmap="gray", vmin=0, vmax=255, extent=extent, interpolation="nearest")
    axes.set(xlim=(0, size_mm[1]), ylim=(size_mm[0], 0), xticks=[], yticks=[], facecolor="black")
    axes.spines[:].set_visible(False)


def _tint(axes: Axes, way: Way) -> None:
    """Tint each patch by its pool, and write on it what it measures."""
    left, right, bottom, top = way.extent_mm
    high, wide = (bottom - top) / way.laid.shape[0], (right - left) / way.laid.shape[1]
    for patch in way.patches.itertuples():
        x, y = left + patch.left * wide, top + patch.top * high
        across, down = patch.size * wide, patch.size * high
        colour = to_rgb(POOLS[patch.pool])
        face = (*colour, TINT)
        axes.add_patch(Rectangle((x, y), across, down, facecolor=face, edgecolor=colour))
        centre, words = (x + across / 2, y + down / 2), f"{patch.measure:.0f}"
        axes.text(*centre, words, color="white", size=7.5, ha="center", va="center")


def _outline(axes: Axes, way: Way, structures: int) -> None:
    """Outline each structure that is segmented, through the pixels' borders."""
    left, right, bottom, top = way.extent_mm
    rows, columns = way.classes.shape
    x = left + (np.arange(columns) + 0.5) * (right - left) / columns
    y = top + (np.arange(rows) + 0.5) * (bottom - top) / rows
    for number, colour in enumerate(COLOURS[:structures], 1):
        if (inside := way.classes == number).any():
            axes.contour(x, y, inside, [0.5], colors=[colour], linewidths=1.3)


def _bar(axes: Axes, height_mm: float) -> None:
    y = height_mm - 2
    axes.plot([2, 2 + BAR_MM], [y, y], color="white", lw=2, solid_capstyle="butt")
    axes.text(3 + BAR_MM, y, f"{BAR_MM} mm", color="white", size=8, va="center")


def _explain(axes: Axes, words: str, structures: Sequence[str]) -> None:
    """Fill an empty cell with what the colours mean and what is simulated."""
    axes.set_axis_off()
    handles = [
        *(Patch(facecolor=(*to_rgb(c), 0.45), edgecolor=c, label=n) for n, c in POOLS.items()),
        *(Line2D([], [], color=c, label=n) for n, c in zip(structures, COLOURS, strict=False)),
    ]
    legend = axes.legend(handles=handles, loc="upper center", ncols=2, frameon=False, fontsize=8,
                labelcolor=INK, handlelength=1.2, columnspacing=1.0, borderpad=0)  # fmt: skip
    text = axes.text(0.02, 0.7, words, size=8, color=INK, va="top", linespacing=1.35,
              transform=axes.transAxes)  # fmt: skip
    for each in (legend, text):
        each.set_in_layout(False)  # or the words would widen the pictures' column
