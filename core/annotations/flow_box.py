"""Flow boxes: the frame around the part of the image whose blood flow is measured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import ClassVar, Final

import numpy as np

from core.annotations.kind import (
    Colour,
    Kind,
    Look,
    Range,
    Stamp,
    pick,
    require_colours,
    require_span,
    uniform,
)
from core.checks import require

FLOW_COLOURS: Final = ((183, 188, 148), (182, 206, 184), (91, 115, 89), (22, 60, 63))


class FlowBox(Kind):
    """The outline of an upright rectangle.

    Args:
        top_left: Range of its first column and row, as a share of the image's width and height.
        bottom_right: Range of its last ones.
        colours: One of them is drawn.
        width_px: Of the line, which lies inside the rectangle.

    Raises:
        InputError: If a number is out of its range, or the ranges of the corners overlap.

    References:
        "Vascular flow annotation", the paper's Section III-A; numbers as in its code, on a canvas
        of 800 x 800.
    """

    name: ClassVar[str] = "flow_box"

    def __init__(
        self,
        *,
        top_left: Range = (0.2, 0.3),
        bottom_right: Range = (0.7, 0.8),
        colours: Sequence[Colour] = FLOW_COLOURS,
        width_px: int = 1,
    ) -> None:
        require_span("top_left", top_left)
        require_span("bottom_right", bottom_right, low=top_left[1])
        require_colours("colours", colours)
        require(width_px >= 1, "width_px", "at least 1", width_px)
        self.top_left, self.bottom_right = top_left, bottom_right
        self.colours, self.width_px = colours, width_px

    def look(self, rng: np.random.Generator) -> Look:
        """Draw the colour."""
        return partial(self._stamps, colour=pick(rng, self.colours))

    def _stamps(
        self, shape: tuple[int, int], rng: np.random.Generator, *, colour: Colour
    ) -> Iterator[Stamp]:
        left, top = (int(uniform(rng, self.top_left) * side) for side in shape[::-1])
        right, bottom = (int(uniform(rng, self.bottom_right) * side) + 1 for side in shape[::-1])
        line = min(self.width_px, right - left, bottom - top)
        for row in (top, bottom - line):
            yield _bar(row, left, (line, right - left), colour)
        for column in (left, right - line):
            yield _bar(top, column, (bottom - top, line), colour)


def _bar(top: int, left: int, extent: tuple[int, int], colour: Colour) -> Stamp:
    return Stamp(top, left, np.full((*extent, 4), (*colour, 255), np.uint8))
