"""Pairs of frames that look the same and are labelled differently, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from core.checks import require
from core.reports.contours import TRUTH_RGB, Image, Mask, outline_picture
from core.reports.drawing import INK, MUTED, Plot

_SIDE_PX: Final = 480
_GAP_PX: Final = 8
_WIDTH_INCH: Final = 10.5
_HEAD_INCH: Final = 0.5  # room for the words above and below a picture


@dataclass(frozen=True, kw_only=True)
class Frame:
    """One frame of a pair.

    Attributes:
        image: (H, W) or (H, W, 3), uint8.
        mask: (H, W), non-zero inside; may be empty.
        name: What it is called.
    """

    image: Image
    mask: Mask
    name: str


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two frames of one subject.

    Attributes:
        left: One frame.
        right: The other.
        heading: What is known of the pair, such as its distance.
    """

    left: Frame
    right: Frame
    heading: str


def plot_contradictions(pairs: Sequence[Pair], title: str, *, columns: int = 2) -> Plot:
    """Lay pairs out in a grid, each label outlined in the truth's colour.

    Args:
        pairs: At least one; more than about twenty are hard to look through.
        title: What the figure shows and of which data; say here if they are simulated.
        columns: Pairs beside each other.

    Raises:
        InputError: If there are no pairs, or a mask differs in size from its image.
    """
    require(pairs, "pairs", "at least one", "none")
    columns = min(columns, len(pairs))
    rows = -(-len(pairs) // columns)
    width = _WIDTH_INCH / 2 * columns
    shape = pairs[0].left.image.shape
    height = rows * (width / columns / 2 * shape[0] / shape[1] + _HEAD_INCH) + 0.9
    figure = Figure(figsize=(width, height), layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes in grid:
        axes.set(xticks=[], yticks=[], frame_on=False)
    for axes, pair in zip(grid, pairs, strict=False):
        _draw(axes, pair)
    figure.suptitle(title, fontsize=12, color=INK)
    line = Line2D([], [], color=tuple(np.divide(TRUTH_RGB, 255)), lw=2, label="label as given")
    figure.legend(handles=[line], loc="outside lower center", frameon=False, fontsize=10)
    return Plot(name="contradictions", title=title, alt=_in_words(pairs, title), figure=figure)


def _draw(axes: Axes, pair: Pair) -> None:
    """Draw both frames into one axes, their names below."""
    pictures = [outline_picture(f.image, f.mask, None, _SIDE_PX) for f in (pair.left, pair.right)]
    height = max(len(picture) for picture in pictures)
    gap = np.full((height, _GAP_PX, 3), 255, np.uint8)
    left, right = (_padded(picture, height) for picture in pictures)
    axes.imshow(np.concatenate([left, gap, right], axis=1), interpolation="antialiased")
    axes.set_title(pair.heading, fontsize=9, color=INK)
    middles = (left.shape[1] / 2, left.shape[1] + _GAP_PX + right.shape[1] / 2)
    for middle, frame in zip(middles, (pair.left, pair.right), strict=True):
        words = f"{frame.name}: {_said(frame)}"
        axes.annotate(words, (middle, height), (0, -4), textcoords="offset points", ha="center",
                      va="top", fontsize=9, color=MUTED, annotation_clip=False)  # fmt: skip


def _padded(picture: Image, height: int) -> Image:
    return np.pad(picture, ((0, height - len(picture)), (0, 0), (0, 0)), constant_values=255)


def _said(frame: Frame) -> str:
    return f"{np.count_nonzero(frame.mask)} px" if frame.mask.any() else "labelled empty"


def _in_words(pairs: Sequence[Pair], title: str) -> str:
    said = [f"{f.name} {_said(f)}" for pair in pairs for f in (pair.left, pair.right)]
    return f"{title}: {len(pairs)} pairs of frames that look alike; {', '.join(said)}."
