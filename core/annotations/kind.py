"""What all kinds of annotation are made of: stamps, and draws from given ranges."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar, NamedTuple, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from core.checks import require

Bytes = NDArray[np.uint8]
Colour = tuple[int, int, int]
Range = tuple[float, float]
T = TypeVar("T")

WHITE, YELLOW, GREEN = (255, 255, 255), (255, 230, 60), (90, 235, 110)
CYAN, ORANGE = (90, 220, 240), (255, 165, 60)


class Stamp(NamedTuple):
    """A small picture that is laid over an image; what lies off the image is cut away.

    Attributes:
        top: Row of its upper edge in the image; may be negative.
        left: Column of its left edge.
        rgba: Red, green and blue times opacity, and opacity (h, w, 4), 0..255.
    """

    top: int
    left: int
    rgba: Bytes


Look = Callable[[tuple[int, int], np.random.Generator], Iterable[Stamp]]
"""Draws one annotation of a fixed look on an image of (rows, columns), at a place drawn anew."""


class Kind(ABC):
    """One kind of annotation.

    Attributes:
        name: Its class name in tables and masks.
    """

    name: ClassVar[str]

    @abstractmethod
    def look(self, rng: np.random.Generator) -> Look:
        """Draw what the two images of a pair have in common: icon and colours."""


def flat_stamp(top: int, left: int, alpha: Bytes, colour: Colour) -> Stamp:
    """Return a stamp of one colour and of this opacity (h, w)."""
    levels = np.array([*colour, 255], np.float32)
    return Stamp(top, left, cv2.transform(alpha, levels[:, None] / 255))


def pick(rng: np.random.Generator, options: Sequence[T]) -> T:
    """Return one of the options, each with the same probability."""
    return options[int(rng.random() * len(options))]


def uniform(rng: np.random.Generator, span: Range) -> float:
    """Return a number of [low, high)."""
    return span[0] + (span[1] - span[0]) * float(rng.random())


def require_span(subject: str, span: Range, low: float = 0, high: float = 1) -> None:
    """Raise `InputError` unless low <= span[0] <= span[1] <= high."""
    inside = len(span) == 2 and low <= span[0] <= span[1] <= high
    require(inside, subject, f"two rising numbers in {low:g}..{high:g}", span)


def require_share(subject: str, share: float) -> None:
    """Raise `InputError` unless the number is in 0..1."""
    require(0 <= share <= 1, subject, "a probability, 0..1", share)


def require_colours(subject: str, colours: Sequence[Colour]) -> None:
    """Raise `InputError` unless these are colours, at least one."""
    good = len(colours) > 0 and all(
        len(colour) == 3 and all(0 <= level <= 255 for level in colour) for colour in colours
    )
    require(good, subject, "at least one (red, green, blue) of 0..255", colours)
