"""What machines put on their screens beside the image: text, icons, scales, traces, boxes, bars."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import cv2
import numpy as np

from core.annotations.body_marker import BodyMarker
from core.annotations.kind import (
    CYAN,
    GREEN,
    ORANGE,
    WHITE,
    YELLOW,
    Bytes,
    Colour,
    Kind,
    flat_stamp,
    pick,
    uniform,
)
from core.annotations.text_label import TextLabel

Shape = tuple[int, int]
Element = Callable[[np.random.Generator, Shape], Bytes]
"""Draws one element for a screen of (rows, columns): red, green, blue times opacity, and opacity,
(h, w, 4)."""

TEXTS: Final = (
    "S5-1", "X5-1", "4V1c", "M3S", "FR ##Hz", "##cm", "2D", "##%", "C ##", "P Low", "HGen", "P Off",
    "H ##", "T #.#", "MI 1.#", "TIS 0.#", "## bpm", "HR ##", "##/##/20##", "##:##:##", "##dB S1/+1",
    "Adult Echo", "ID ########", "PAT T: ##.#C", "G", "R", "V", "1.7 3.4", "x#.#", "LOOP ##",
)  # fmt: skip
_INKS: Final = (WHITE, (190, 190, 190), (120, 120, 120), YELLOW, GREEN, CYAN, ORANGE)


def _of_kind(kind: Kind) -> Element:
    """What an annotation of this kind looks like, wherever it would lie."""

    def draw(rng: np.random.Generator, screen: Shape) -> Bytes:
        return next(iter(kind.look(rng)(screen, rng))).rgba

    return draw


def ruler(rng: np.random.Generator, screen: Shape) -> Bytes:
    """A scale: ticks, every fifth a longer one, along a line or without, upright or level."""
    count, gap = int(rng.integers(5, 26)), int(rng.integers(8, 25))
    tick = int(rng.integers(3, 9))
    alpha = np.zeros((min(count * gap + 1, screen[0] // 2), 2 * tick), np.uint8)
    for number, row in enumerate(range(0, len(alpha), gap)):
        alpha[row, : tick if number % 5 else 2 * tick] = 255
    if rng.random() < 0.5:
        alpha[:, 0] = 255
    return _inked(alpha if rng.random() < 0.6 else alpha.T.copy(), rng)


def trace(rng: np.random.Generator, screen: Shape) -> Bytes:
    """An ECG: beats of an upward spike between two waves, on a slowly moving line."""
    width, height = int(uniform(rng, (0.2, 0.6)) * screen[1]), int(rng.integers(16, 60))
    phase = np.arange(width) / uniform(rng, (30, 120)) % 1
    bumps = ((0.2, 0.03, 0.15), (0.33, 0.012, 1.0), (0.37, 0.012, -0.25), (0.6, 0.05, 0.3))
    wave = sum(size * np.exp(-(((phase - at) / wide) ** 2) / 2) for at, wide, size in bumps)
    drift = 0.1 * np.sin(np.arange(width) / uniform(rng, (50, 200)))
    level = (0.75 - 0.6 * np.asarray(wave) - drift) * (height - 1)
    alpha = np.zeros((height, width), np.uint8)
    line = np.stack([np.arange(width), np.clip(level, 0, height - 1)], axis=1).round()
    cv2.polylines(alpha, [line.astype(np.int32)], False, 255, int(rng.integers(1, 3)), cv2.LINE_AA)
    return _inked(alpha, rng)


def box(rng: np.random.Generator, screen: Shape) -> Bytes:
    """An upright rectangle, its outline or all of it; a button or a field."""
    height, width = (int(uniform(rng, span) * min(screen)) for span in ((0.02, 0.12), (0.03, 0.25)))
    alpha = np.full((height, width), 255, np.uint8)
    line = int(rng.integers(1, 3))
    if rng.random() < 0.7:
        alpha[line:-line, line:-line] = 0
    return _inked(alpha, rng)


def bar(rng: np.random.Generator, screen: Shape) -> Bytes:
    """The bar of the grey levels, or of the colours of velocities, bright end up or down."""
    height, width = int(uniform(rng, (0.1, 0.4)) * screen[0]), int(rng.integers(6, 20))
    level = np.linspace(255, 0, height).astype(np.uint8)[:, None].repeat(width, axis=1)
    away = 255 - level
    colours = [level, level // 3, away] if rng.random() < 0.3 else [level] * 3
    rgba = np.dstack([*colours, np.full_like(level, 255)])
    return rgba if rng.random() < 0.7 else rgba[::-1].copy()


ELEMENTS: Final[dict[str, Element]] = {
    "text": _of_kind(TextLabel(texts=TEXTS, height=(0.014, 0.035), arrow=0)),
    "icon": _of_kind(BodyMarker(size=(0.05, 0.14))),
    "ruler": ruler,
    "trace": trace,
    "box": box,
    "bar": bar,
}
"""All elements by name."""


def _inked(alpha: Bytes, rng: np.random.Generator) -> Bytes:
    colour: Colour = pick(rng, _INKS)
    return flat_stamp(0, 0, alpha, colour).rgba
