"""Body markers: icons that say which part of the body is seen, and how the probe is held."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import ClassVar, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from core.annotations.icons import Icon, Palette, drawn_icons
from core.annotations.kind import (
    CYAN,
    GREEN,
    ORANGE,
    WHITE,
    YELLOW,
    Bytes,
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
from core.annotations.pictures import Picture, read_pictures
from core.checks import require

PALETTES: Final = (
    Palette(WHITE, opacity=0),
    Palette((200, 200, 205), opacity=0),
    Palette(WHITE),
    Palette((255, 255, 255), (60, 66, 78), (112, 120, 134)),
    Palette((30, 30, 32), (140, 140, 146), (228, 228, 232)),
    Palette((62, 36, 24), (182, 132, 102), (242, 204, 174)),
    Palette((150, 205, 255), (16, 42, 78), (42, 88, 140)),
    Palette((240, 210, 90), opacity=0),
)
PROBES: Final = (YELLOW, GREEN, ORANGE, CYAN, (255, 70, 70))

_BITS: Final = 4  # behind the point of the coordinates that OpenCV draws at


class BodyMarker(Kind):
    """An icon of a part of the body, with a bar where the probe is.

    Args:
        places: Where its top left corner may be, as shares of the image's width and height alike,
            uniform over all; never in the middle band, and it may fall off the right and the lower
            edge, as in the original.
        size: Its longer side, as a share of the image's shorter side.
        smallest_px: It is never drawn smaller.
        palettes: Its colours.
        probes: Colours of the bar; none leaves it out.
        icons: Folder of PNG files to use instead; those without transparency count as transparent
            where they are black. They keep their colours, and get no bar.
        keep_own: Whether the project's own icons are used beside those of the folder.

    Raises:
        InputError: If a number is out of its range, or the folder has no readable PNG files.

    References:
        The paper's Section III-A; places as in its code, on a canvas of 800 x 800. Icons, sizes and
        colours are our own.
    """

    name: ClassVar[str] = "body_marker"

    def __init__(
        self,
        *,
        places: Sequence[Range] = ((0.0625, 0.375), (0.625, 1.0)),
        size: Range = (0.1, 0.18),
        smallest_px: int = 20,
        palettes: Sequence[Palette] = PALETTES,
        probes: Sequence[Colour] = PROBES,
        icons: Path | None = None,
        keep_own: bool = False,
    ) -> None:
        require(places, "places", "at least one range")
        for span in places:
            require_span("places", span)
        require_span("size", size)
        require(smallest_px >= 8, "smallest_px", "at least 8", smallest_px)
        require(palettes, "palettes", "at least one")
        if probes:
            require_colours("probes", probes)
        self.places, self.size, self.smallest_px = places, size, smallest_px
        self.palettes, self.probes = [Palette(*palette) for palette in palettes], probes
        given: tuple[Icon | Picture, ...] = () if icons is None else read_pictures(Path(icons))
        self.icons = (*given, *(drawn_icons() if keep_own or not given else ()))

    def look(self, rng: np.random.Generator) -> Look:
        """Draw icon, side, size, colours, and where on the icon the probe is."""
        return partial(
            self._stamps,
            icon=pick(rng, self.icons),
            palette=pick(rng, self.palettes),
            share=uniform(rng, self.size),
            mirrored=rng.random() < 0.5,
            probe=(rng.random(), rng.random()),
            colour=pick(rng, self.probes) if self.probes else None,
        )

    def _stamps(
        self,
        shape: tuple[int, int],
        rng: np.random.Generator,
        *,
        icon: Icon | Picture,
        palette: Palette,
        share: float,
        mirrored: bool,
        probe: tuple[float, float],
        colour: Colour | None,
    ) -> Iterator[Stamp]:
        size = max(round(share * min(shape)), self.smallest_px)
        rgba, margin = icon.painted(size, palette), 0
        if isinstance(icon, Icon):
            if icon.sided and mirrored:
                rgba = cv2.flip(rgba, 1)
            if colour is not None:
                rgba, margin = _with_probe(rgba, icon.layers(size).deep, size, probe, colour)
        left, top = (int(self._place(rng) * side) for side in shape[::-1])
        yield Stamp(top - margin, left - margin, rgba)

    def _place(self, rng: np.random.Generator) -> float:
        """Return a number, uniform over all ranges."""
        ahead = float(rng.random()) * sum(high - low for low, high in self.places)
        for low, high in self.places:
            if ahead < high - low:
                break
            ahead -= high - low
        return low + ahead


def _with_probe(
    rgba: Bytes,
    deep: NDArray[np.int16],
    size: int,
    probe: tuple[float, float],
    colour: Colour,
) -> tuple[Bytes, int]:
    """Draw a bar with a dot at one end; return the icon with it, and the margin added for it."""
    reach, width = 0.13 * size, max(2, round(0.045 * size))
    margin = math.ceil(reach + width)
    rgba = cv2.copyMakeBorder(rgba, *(margin,) * 4, cv2.BORDER_CONSTANT, value=0)
    middle = deep[int(probe[0] * len(deep))] + margin
    way = reach * np.array((math.cos(2 * math.pi * probe[1]), math.sin(2 * math.pi * probe[1])))
    tail, head = (np.rint((middle + d) * 2**_BITS).astype(int).tolist() for d in (-way, way))
    ink, dot = (*colour, 255), round(0.9 * width * 2**_BITS)
    cv2.line(rgba, tail, head, ink, width, cv2.LINE_AA, _BITS)
    cv2.circle(rgba, head, dot, ink, -1, cv2.LINE_AA, _BITS)
    return rgba, margin
