"""Images in several views, one below the other, as a figure for a paper."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import TextWrapper
from typing import Final

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from core.reports.contours import Image
from core.reports.drawing import INK, MUTED, Plot
from core.reports.restored_views import DETAILS, ViewedImage

_GAP, _HEAD, _FOOT = 0.06, 0.32, 0.3  # inches
_LETTERS: Final = 16  # below a picture, an inch

Box = tuple[float, float, float, float]
"""Left, top, width and height, inches from the upper left."""


def plot_cases(
    cases: list[ViewedImage],
    *,
    name: str = "restoration",
    title: str = "Restored images",
    width: float = 0.9,
) -> list[Plot]:
    """Lay images out one below the other; nothing without any.

    Args:
        cases: The images.
        name: File name without ending.
        title: What the figure shows.
        width: Of a whole picture, inches.
    """
    if not cases:
        return []
    placed = []
    bottom = 0.0
    for case in cases:
        placed.append(list(_placed(case, bottom + _HEAD, width)))
        bottom = max(top + high for _, (_, top, _, high), _ in placed[-1]) + _FOOT
    right = max(left + wide for boxes in placed for _, (left, _, wide, _), _ in boxes) + _GAP
    figure = Figure(figsize=(right, bottom), facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    for case, boxes in zip(cases, placed, strict=True):
        above = boxes[0][1][1] - 0.1
        axes.text(_GAP, above, case.title, color=INK, weight="bold", size=9, parse_math=False)
        axes.text(
            right - _GAP, above, case.detail, color=MUTED, size=8, ha="right", parse_math=False
        )
        for below, (left, top, wide, high), picture in boxes:
            extent = (left, left + wide, top + high, top)
            axes.imshow(picture, extent=extent, interpolation="antialiased")
            words = _wrapped(below, wide)
            axes.text(left, top + high + 0.04, words, color=MUTED, size=7.5, va="top")
    axes.set(xlim=(0, right), ylim=(bottom, 0), aspect="auto")
    alt = " ".join(f"{case.title}: {case.detail}." for case in cases)
    return [Plot(name=name, title=title, alt=alt, figure=figure)]


def _placed(case: ViewedImage, top: float, width: float) -> Iterator[tuple[str, Box, Image]]:
    """Yield name, place and picture: whole ones side by side, details in columns behind them."""
    left, high = _GAP, width * _ratio(case.views[0].whole)
    for view in case.views:
        yield view.name, (left, top, width, high), view.whole
        left += width + _GAP
    left += 2 * _GAP
    each = (high - (DETAILS - 1) * _GAP) / DETAILS
    for view in case.detailed:
        wide = each / _ratio(view.details[0])
        for number, picture in enumerate(view.details, 1):
            place = (left, top + (number - 1) * (each + _GAP), wide, each)
            yield view.name if number == len(view.details) else "", place, picture
        left += wide + _GAP


def _wrapped(words: str, width: float) -> str:
    """Break words between them, so that they stay below a picture of this width, inches."""
    wrapper = TextWrapper(int(_LETTERS * width), break_long_words=False, break_on_hyphens=False)
    return wrapper.fill(words)


def _ratio(picture: Image) -> float:
    """Return height over width."""
    return float(picture.shape[0] / picture.shape[1])
