"""The restored cases of a report as one figure for a paper."""

from __future__ import annotations

from collections.abc import Iterator

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from core.reports.contours import Image
from core.reports.drawing import INK, MUTED, Plot
from core.reports.restoration import RestoredCase
from core.reports.restored_views import DETAILS

_WIDTH, _GAP, _HEAD, _FOOT = 0.9, 0.06, 0.32, 0.3  # inches; the width is that of a whole picture

Box = tuple[float, float, float, float]
"""Left, top, width and height, inches from the upper left."""


def plot_cases(cases: list[RestoredCase]) -> list[Plot]:
    """Lay the cases out one below the other; nothing without cases."""
    if not cases:
        return []
    placed = []
    bottom = 0.0
    for case in cases:
        placed.append(list(_placed(case, bottom + _HEAD)))
        bottom = max(top + high for _, (_, top, _, high), _ in placed[-1]) + _FOOT
    right = max(left + wide for boxes in placed for _, (left, _, wide, _), _ in boxes) + _GAP
    figure = Figure(figsize=(right, bottom), facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    for case, boxes in zip(cases, placed, strict=True):
        above = boxes[0][1][1] - 0.1
        axes.text(_GAP, above, case.title, color=INK, weight="bold", size=9, parse_math=False)
        axes.text(right - _GAP, above, case.detail, color=MUTED, size=8, ha="right")
        for name, (left, top, wide, high), picture in boxes:
            extent = (left, left + wide, top + high, top)
            axes.imshow(picture, extent=extent, interpolation="antialiased")
            axes.text(left, top + high + 0.04, name, color=MUTED, size=7.5, va="top")
    axes.set(xlim=(0, right), ylim=(bottom, 0), aspect="auto")
    alt = " ".join(f"{case.title}: {case.detail}." for case in cases)
    return [Plot(name="restoration", title="Restored images", alt=alt, figure=figure)]


def _placed(case: RestoredCase, top: float) -> Iterator[tuple[str, Box, Image]]:
    """Yield name, place and picture: whole ones side by side, details in columns behind them."""
    left, high = _GAP, _WIDTH * _ratio(case.views[0].whole)
    for view in case.views:
        yield view.name, (left, top, _WIDTH, high), view.whole
        left += _WIDTH + _GAP
    left += 2 * _GAP
    each = (high - (DETAILS - 1) * _GAP) / DETAILS
    for view in case.detailed:
        wide = each / _ratio(view.details[0])
        for number, picture in enumerate(view.details, 1):
            place = (left, top + (number - 1) * (each + _GAP), wide, each)
            yield view.name if number == len(view.details) else "", place, picture
        left += wide + _GAP


def _ratio(picture: Image) -> float:
    """Return height over width."""
    return float(picture.shape[0] / picture.shape[1])
