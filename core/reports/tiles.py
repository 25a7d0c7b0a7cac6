"""Test images with both outlines: one by one for the page, side by side for a paper's figure."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from core.checks import require
from core.reports.cases import OUTCOMES
from core.reports.contours import PREDICTION_RGB, TRUTH_RGB, Image, Mask, outline_picture
from core.reports.drawing import Plot
from core.reports.run_folder import RunFolder

Images = Callable[[int], tuple[Image, Mask | None]]

_SIDE_PX: Final = 560


@dataclass(frozen=True, kw_only=True)
class Tile:
    """One test image as the report shows it.

    Attributes:
        picture: (H, W, 3) uint8, outlines drawn.
        heading: What came out, such as "Dice 0.871".
        detail: Which image it is, and what Dice does not say of it.
        alt: The picture in words.
    """

    picture: Image
    heading: str
    detail: str
    alt: str


def make_tile(run: RunFolder, images: Images, row: pd.Series) -> Tile:
    """Draw the outlines of one row of per_image.csv on its image.

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
    return Tile(
        picture=outline_picture(image, truth, prediction, _SIDE_PX),
        heading=f"Dice {row['dice']:.3f}",
        detail=f"{name}image {row['id']}, subject {row['subject']}{_measure(row)}",
        alt=f"{OUTCOMES[row['outcome']]}, {name}image {row['id']}: Dice {row['dice']:.3f}; "
        f"the true structure covers {row['truth_px']:.0f} pixels, "
        f"the predicted one {row['prediction_px']:.0f}.",
    )


def plot_tiles(name: str, title: str, tiles: Mapping[str, Sequence[Tile]]) -> Plot:
    """Lay tiles out as a paper's figure: a column for each non-empty group, the legend below."""
    columns = {heading: group for heading, group in tiles.items() if group}
    rows = max(len(group) for group in columns.values())
    figure = Figure(figsize=(3.3 * len(columns), 3.1 * rows + 0.4), layout="constrained")
    FigureCanvasAgg(figure)
    grid = figure.subplots(rows, len(columns), squeeze=False)
    for column, (heading, group) in enumerate(columns.items()):
        grid[0, column].set_title(heading, fontsize=11)
        for row, axes in enumerate(grid[:, column]):
            axes.set(xticks=[], yticks=[], frame_on=False)
            if row < len(group):
                axes.imshow(group[row].picture)
                axes.set_xlabel(group[row].heading, fontsize=10)
    figure.legend(handles=_legend(), loc="outside lower center", ncols=2, frameon=False)
    alt = f"{title}: {' '.join(tile.alt for group in columns.values() for tile in group)}"
    return Plot(name=name, title=title, alt=alt, figure=figure)


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
        Line2D([], [], color=tuple(truth), lw=2, label="truth"),
        Line2D([], [], color=tuple(prediction), lw=2, ls=(0, (4, 2.5)), label="prediction"),
    ]
