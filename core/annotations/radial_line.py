"""Radial lines: cross marks at the edge of a lesion, joined by a dashed line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from core.annotations.kind import (
    CYAN,
    GREEN,
    ORANGE,
    WHITE,
    YELLOW,
    Colour,
    Kind,
    Look,
    Range,
    Stamp,
    pick,
    require_colours,
    require_share,
    require_span,
    uniform,
)
from core.annotations.marks import MARKS, drawn_mark
from core.checks import nearest, require

Points = NDArray[np.int64]


class RadialLine(Kind):
    """Marks at random places around the middle, and perhaps a dashed line from one to the next.

    Args:
        count: Fewest and most marks; each number is as likely.
        places: Range of their centres, as a share of the image's width and height alike.
        marks: Shapes, by their names in `MARKS`; one is drawn for all.
        other: Probability that a mark has a shape and a colour drawn anew.
        size: Width of a mark, as a share of the image's shorter side.
        smallest_px: Marks are never drawn smaller.
        colours: Of marks.
        joined: Probability that a line of 1 px joins the centres; its colour is any.
        dash_px: Shortest and longest dash, and gap; each whole number is as likely.

    Raises:
        InputError: If a number is out of its range, or a mark is unknown.

    References:
        The paper's Section III-A; numbers as in its code, on a canvas of 800 x 800. Shapes, sizes
        and colours of marks are our own. Truth is what was drawn: the code took the first mark's
        outline for every mark.
    """

    name: ClassVar[str] = "radial_line"

    def __init__(
        self,
        *,
        count: tuple[int, int] = (1, 6),
        places: Range = (0.4, 0.6),
        marks: Sequence[str] = tuple(MARKS),
        other: float = 0.5,
        size: Range = (0.016, 0.03),
        smallest_px: int = 7,
        colours: Sequence[Colour] = (WHITE, YELLOW, GREEN, CYAN, ORANGE),
        joined: float = 0.5,
        dash_px: tuple[int, int] = (1, 8),
    ) -> None:
        for subject, span in (("count", count), ("dash_px", dash_px)):
            require_span(subject, span, low=1, high=1000)
        require_span("places", places)
        require_span("size", size)
        require_colours("colours", colours)
        require_share("other", other)
        require_share("joined", joined)
        require(smallest_px >= 3, "smallest_px", "at least 3", smallest_px)
        require(marks, "marks", "at least one of " + ", ".join(MARKS))
        for mark in marks:
            require(mark in MARKS, "marks", ", ".join(MARKS), mark + nearest(mark, MARKS))
        self.count, self.places, self.marks, self.other = count, places, marks, other
        self.size, self.smallest_px, self.colours = size, smallest_px, colours
        self.joined, self.dash_px = joined, dash_px

    def look(self, rng: np.random.Generator) -> Look:
        """Draw shape, size and colour of the mark, and the line's colour."""
        return partial(
            self._stamps,
            mark=pick(rng, self.marks),
            share=uniform(rng, self.size),
            colour=pick(rng, self.colours),
            line=tuple(rng.integers(256, size=3).tolist()),
        )

    def _stamps(
        self,
        shape: tuple[int, int],
        rng: np.random.Generator,
        *,
        mark: str,
        share: float,
        colour: Colour,
        line: Colour,
    ) -> Iterator[Stamp]:
        size = max(round(share * min(shape)), self.smallest_px) | 1  # odd: a mark has a middle
        centres = self._centres(shape, rng)
        corner = centres.min(axis=0) - size // 2
        rgba = np.zeros((*(centres.max(axis=0) - corner + size // 2 + 1), 4), np.uint8)
        for row, column in (centres - centres.min(axis=0)).tolist():
            same = rng.random() >= self.other
            shown = (mark, colour) if same else (pick(rng, self.marks), pick(rng, self.colours))
            place = rgba[row : row + size, column : column + size]
            place[drawn_mark(shown[0], size)] = (*shown[1], 255)
        if rng.random() < self.joined and len(centres) > 1:
            rgba[*self._dashes(centres - corner, rng).T] = (*line, 255)
        yield Stamp(int(corner[0]), int(corner[1]), rgba)

    def _centres(self, shape: tuple[int, int], rng: np.random.Generator) -> Points:
        """Return rows and columns (n, 2)."""
        count = rng.integers(self.count[0], self.count[1], endpoint=True)
        low, high = self.places
        shares = low + (high - low) * rng.random((count, 2))
        return np.asarray(shares * shape, np.int64)

    def _dashes(self, corners: Points, rng: np.random.Generator) -> Points:
        """Return the pixels (n, 2) of a dashed line through the corners."""
        path, way = _path(corners)
        fewest, most = self.dash_px
        turns = rng.integers(fewest, most, size=int(way[-1] / fewest) + 1, endpoint=True).cumsum()
        return np.asarray(path[np.searchsorted(turns, way, side="right") % 2 == 0])


def _path(corners: Points) -> tuple[Points, NDArray[np.float64]]:
    """Return the pixels (n, 2) along lines from corner to corner, and the way in px to each."""
    steps = np.diff(corners, axis=0)
    pixels = np.concatenate([[0], np.abs(steps).max(axis=1).cumsum()])
    length = np.concatenate([[0], np.hypot(*steps.T).cumsum()])
    at = np.arange(pixels[-1] + 1)
    path = np.stack([np.interp(at, pixels, line) for line in corners.T], axis=1)
    return np.rint(path).astype(np.int64), np.interp(at, pixels, length)
