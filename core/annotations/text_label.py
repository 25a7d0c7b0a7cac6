"""Text labels: what machines and sonographers write on the screen, and the arrows they set."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache, partial
from typing import ClassVar, Final

import cv2
import numpy as np

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
    flat_stamp,
    pick,
    require_colours,
    require_share,
    require_span,
)
from core.checks import require

TEXTS: Final = (
    "LT KIDNEY SAG", "RT KIDNEY TRV", "LIVER", "GB", "AORTA", "RT LOBE", "THYROID LT", "ISTHMUS",
    "CCA", "MEDIAN N.", "BRACHIAL PLEXUS", "SAG", "TRV", "LONG", "RT", "LT", "A", "B", "HEAD",
    "2D G ##", "G ##", "DR ##", "#.# cm", "##.# mm", "Dist #.## cm", "#.# MHz", "MI 0.#",
    "TIS 0.#", "FR ## Hz", "L##-#", "Frq ##.#",
)  # fmt: skip
FONTS: Final = (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_PLAIN, cv2.FONT_HERSHEY_DUPLEX)

_FINER: Final = 4


class TextLabel(Kind):
    """A short text, or an arrow, anywhere in the image; not among the paper's three kinds.

    Args:
        texts: What may be written; each # becomes a digit.
        height: Of capital letters, as a share of the image's shorter side.
        smallest_px: They are never drawn smaller.
        colours: Of text and arrows.
        arrow: Probability of an arrow instead of a text.
        arrow_length: As a share of the image's shorter side.

    Raises:
        InputError: If a number is out of its range.
    """

    name: ClassVar[str] = "label"

    def __init__(
        self,
        *,
        texts: Sequence[str] = TEXTS,
        height: Range = (0.015, 0.03),
        smallest_px: int = 7,
        colours: Sequence[Colour] = (WHITE, (190, 190, 190), YELLOW, GREEN, CYAN, ORANGE),
        arrow: float = 0.2,
        arrow_length: Range = (0.06, 0.14),
    ) -> None:
        good = len(texts) > 0 and all(text.isprintable() and text.strip() for text in texts)
        require(good, "texts", "at least one printable text", texts)
        require_span("height", height)
        require(smallest_px >= 4, "smallest_px", "at least 4", smallest_px)
        require_colours("colours", colours)
        require_share("arrow", arrow)
        require_span("arrow_length", arrow_length)
        self.texts, self.height, self.smallest_px = texts, height, smallest_px
        self.colours, self.arrow, self.arrow_length = colours, arrow, arrow_length

    def look(self, rng: np.random.Generator) -> Look:
        """Draw text, font, size and colour, or length, direction and colour of an arrow."""
        colour, share = pick(rng, self.colours), rng.random()
        if rng.random() < self.arrow:
            return partial(self._arrow, colour=colour, share=share, turn=rng.random())
        digits = "".join(str(rng.integers(10)) if c == "#" else c for c in pick(rng, self.texts))
        return partial(self._text, colour=colour, share=share, text=digits, font=pick(rng, FONTS))

    def _text(
        self,
        shape: tuple[int, int],
        rng: np.random.Generator,
        *,
        colour: Colour,
        share: float,
        text: str,
        font: int,
    ) -> Iterator[Stamp]:
        height = self.height[0] + share * (self.height[1] - self.height[0])
        alpha = _written(text, font, max(round(height * min(shape)), self.smallest_px))
        yield _placed(alpha, colour, shape, rng)

    def _arrow(
        self,
        shape: tuple[int, int],
        rng: np.random.Generator,
        *,
        colour: Colour,
        share: float,
        turn: float,
    ) -> Iterator[Stamp]:
        length = self.arrow_length[0] + share * (self.arrow_length[1] - self.arrow_length[0])
        alpha = _pointing(max(length * min(shape), 2 * self.smallest_px), 2 * math.pi * turn)
        yield _placed(alpha, colour, shape, rng)


def _placed(
    alpha: Bytes, colour: Colour, shape: tuple[int, int], rng: np.random.Generator
) -> Stamp:
    """Return a label anywhere in the image; it is cut only if it does not fit."""
    free = (max(a - b + 1, 1) for a, b in zip(shape, alpha.shape, strict=True))
    top, left = (int(rng.random() * length) for length in free)
    return flat_stamp(top, left, alpha, colour)


@lru_cache(maxsize=512)
def _written(text: str, font: int, height: int) -> Bytes:
    """Return the opacity of a text (h, w) whose capitals are so high; not to be written to.

    It is written larger and averaged: small fonts lose the gaps between words.
    """
    tall = _FINER * height
    scale, width = tall / _capital_px(font), max(2, round(tall / 14))
    (columns, above), below = cv2.getTextSize(text, font, scale, width)
    fine = np.zeros((above + below + 2 * width, columns + 2 * width), np.uint8)
    cv2.putText(fine, text, (width, above + width), font, scale, 255, width, cv2.LINE_AA)
    extent = math.ceil(fine.shape[1] / _FINER), math.ceil(fine.shape[0] / _FINER)
    return np.asarray(cv2.resize(fine, extent, interpolation=cv2.INTER_AREA), np.uint8)


@cache
def _capital_px(font: int) -> float:
    """Return how high capitals are at scale 1, as drawn: OpenCV's versions differ in this."""
    canvas, scale = np.zeros((400, 400), np.uint8), 8
    cv2.putText(canvas, "H", (50, 350), font, scale, 255, 1)
    return float(canvas.any(axis=1).sum()) / scale


def _pointing(length: float, angle: float) -> Bytes:
    """Return the opacity (s, s) of an arrow that points at this angle."""
    width = max(1, round(length / 24))
    middle = math.ceil(length / 2) + width
    alpha = np.zeros((2 * middle + 1, 2 * middle + 1), np.uint8)
    way = np.array((math.cos(angle), math.sin(angle))) * length / 2
    tail, tip = (np.rint(middle + sign * way).astype(int).tolist() for sign in (-1, 1))
    cv2.arrowedLine(alpha, tail, tip, 255, width, cv2.LINE_AA, 0, 0.35)
    return alpha
