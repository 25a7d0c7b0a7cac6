"""Test images with both outlines: one by one for the page, in rows for a paper's figure."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from core.checks import require
from core.reports.cases import OUTCOMES, SHOWN
from core.reports.contours import PREDICTION_RGB, TRUTH_RGB, Image, Mask, outline_picture
from core.reports.cutout import surroundings
from core.reports.drawing import INK, MUTED, Plot
from core.reports.run_folder import RunFolder

Images = Callable[[int], tuple[Image, Mask | None]]

_SIDE_PX: Final = 480
_TILE, _GAP, _HEAD, _CAPTION = 2.2, 0.12, 0.34, 0.3  # inches
_TALLEST: Final = 1.2  # height of a row over the width of a tile


@dataclass(frozen=True, kw_only=True)
class Tile:
    """One test image as the report shows it.

    Attributes:
        picture: (H, W, 3) uint8, outlines drawn.
        heading: What came out, such as "Dice 0.871".
        detail: Which image it is, and what the heading does not say of it.
        alt: The picture in words.
    """

    picture: Image
    heading: str
    detail: str
    alt: str


def make_tile(run: RunFolder, images: Images, row: pd.Series, heading: str = "") -> Tile:
    """Draw the outlines of one row of per_image.csv on the part of its image that they are in.

    Args:
        run: Where the prediction lies.
        images: Image and true mask by row of the source.
        row: The row.
        heading: What it is shown for; its Dice if nothing is given.

    Raises:
        InputError: If the prediction is missing, or differs in size from its image.
    """
    index = int(row["index"])
    image, truth = images(index)
    prediction = run.prediction(index)
    several = len(run.structures) > 1
    if several:  # a row speaks of one of them
        number = run.structures.index(row["structure"]) + 1
        truth = None if truth is None else (truth == number).astype(np.uint8)
        prediction = (prediction == number).astype(np.uint8)
    name = f"{row['structure']}, " if several else ""
    expected = f"size {image.shape[:2]} like image {index}"
    require(prediction.shape == image.shape[:2], f"prediction {index}", expected, prediction)
    part = surroundings(truth, prediction)
    true_part = None if truth is None else truth[part]
    return Tile(
        picture=outline_picture(image[part], true_part, prediction[part], _SIDE_PX),
        heading=heading or f"Dice {row['dice']:.3f}",
        detail=f"{name}image {image_name(row)}{_measure(row)}",
        alt=f"{OUTCOMES[row['outcome']]}, {name}image {row['id']}: Dice {row['dice']:.3f}; "
        f"the true structure covers {row['truth_px']:.0f} pixels, "
        f"the predicted one {row['prediction_px']:.0f}.",
    )


def plot_tiles(
    name: str, title: str, rows: Mapping[str, Sequence[Tile]], *, outlined: bool = True
) -> Plot:
    """Lay tiles out as a paper's figure: under each heading a row of them, the legend above all.

    Args:
        name: File name without ending.
        title: What the figure shows.
        rows: Tiles by heading; a heading without any says that there are none.
        outlined: Whether the pictures have outlines, which the legend explains.
    """
    columns = max(SHOWN, *(len(tiles) for tiles in rows.values()))
    heights = [_row_height(tiles) for tiles in rows.values()]
    width, height = columns * (_TILE + _GAP) + _GAP, _HEAD + sum(heights)
    figure = Figure(figsize=(width, height), facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    top = _HEAD
    for (heading, tiles), row_height in zip(rows.items(), heights, strict=True):
        words = heading if tiles else f"{heading}: none among the test images"
        colour, weight = (INK, "bold") if tiles else (MUTED, "normal")
        axes.text(_GAP, top + 0.26, words, color=colour, weight=weight, size=11, parse_math=False)
        for column, tile in enumerate(tiles):
            _draw(axes, tile, left=_GAP + column * (_TILE + _GAP), top=top + _HEAD)
        top += row_height
    axes.set(xlim=(0, width), ylim=(height, 0), aspect="auto")  # inches from the upper left
    if outlined:
        figure.legend(handles=_legend(), loc="upper right", ncols=2, frameon=False, fontsize=10)
    alt = f"{title}: {' '.join(tile.alt for tiles in rows.values() for tile in tiles)}"
    return Plot(name=name, title=title, alt=alt, figure=figure)


def _row_height(tiles: Sequence[Tile]) -> float:
    """Return what a heading and the tallest of its tiles need, inches."""
    return _HEAD + max((_size(tile.picture)[1] + _CAPTION for tile in tiles), default=0)


def _size(picture: Image) -> tuple[float, float]:
    """Return width and height of a picture in a figure, inches."""
    ratio = picture.shape[0] / picture.shape[1]
    height = _TILE * min(ratio, _TALLEST)
    return height / ratio, height


def _draw(axes: Axes, tile: Tile, *, left: float, top: float) -> None:
    """Draw a tile and its heading below; inches from the upper left."""
    width, height = _size(tile.picture)
    start = left + (_TILE - width) / 2
    place = (start, start + width, top + height, top)
    axes.imshow(tile.picture, extent=place, interpolation="antialiased")
    axes.text(left, top + height + 0.05, tile.heading, color=INK, size=9, va="top")


def image_name(row: pd.Series) -> str:
    """Return image and subject; where subjects are unknown each image counts as its own."""
    if row["subject"] == row["id"]:
        return str(row["id"])
    return f"{row['id']}, subject {row['subject']}"


def _measure(row: pd.Series) -> str:
    """Return what Dice does not say: the area that was missed or made up, else the HD95."""
    if row["outcome"] == "FN":
        return f", true area {row['truth_px']:.0f} px"
    if row["outcome"] == "FP":
        return f", predicted area {row['prediction_px']:.0f} px"
    known = (unit for unit in ("mm", "px") if not math.isnan(row.get(f"hd95_{unit}", math.nan)))
    unit = next(known, None)
    return f", HD95 {row[f'hd95_{unit}']:.1f} {unit}" if unit else ""


def _legend() -> list[Line2D]:
    """Return the two lines of the legend."""
    truth, prediction = np.divide(TRUTH_RGB, 255), np.divide(PREDICTION_RGB, 255)
    return [
        Line2D([], [], color=tuple(truth), lw=2.5, label="truth"),
        Line2D([], [], color=tuple(prediction), lw=2.5, ls=(0, (3, 1.6)), label="prediction"),
    ]
