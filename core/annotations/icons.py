"""The body markers that the project draws itself: outlines from `icons.txt`, at any size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from core.annotations.kind import Bytes, Colour

Points = NDArray[np.float32]

_FILE: Final = Path(__file__).with_name("icons.txt")
_FINER: Final = 4  # drawn so many times larger, then averaged: smooth edges
_SPAN: Final = 8  # points of a curve between two given ones
_LINE: Final = 0.02  # width of lines, of the icon's longer side
_THINNEST_PX: Final = 1.1
_KEPT: Final = 1024  # icons in memory, some 20 kB each: those of all sizes at 512 x 512 pixels
_DEEP: Final = 0.4  # of the highlight
_SHADE: Final = 4.0  # edge-to-middle distances in a body's half width: how flat its middle is


class Palette(NamedTuple):
    """Colours of a body marker.

    Attributes:
        line: Of its lines.
        body: Of the body near its outline.
        light: Of the body's middle.
        opacity: Of the body, 0 (outlines only) to 1.
    """

    line: Colour
    body: Colour = (0, 0, 0)
    light: Colour = (0, 0, 0)
    opacity: float = 1.0

    def mixing(self) -> NDArray[np.float32]:
        """Return what line, body and highlight give to red, green, blue and opacity (4, 3)."""
        colours = np.array([(*c, 255) for c in self[:3]], np.float32) / 255
        return (colours * [[1], [self.opacity], [self.opacity]]).T.astype(np.float32)


class Layers(NamedTuple):
    """An icon at one size.

    Attributes:
        weights: What line, body and highlight cover of each pixel (h, w, 3), 0..255; at most 255
            together.
        deep: Columns and rows of pixels well inside the body (n, 2).
    """

    weights: Bytes
    deep: NDArray[np.int16]


@dataclass(frozen=True, eq=False)
class Icon:
    """A body marker.

    Attributes:
        name: What it shows.
        sided: Whether there is one for the left and one for the right side of the body.
        strokes: How each is drawn ("body", "ring", "line" or "dot") and its curve (n, 2), in a box
            whose longer side is 1.
    """

    name: str
    sided: bool
    strokes: tuple[tuple[str, Points], ...]

    def layers(self, size: int) -> Layers:
        """Return the icon `size` pixels high or wide, whichever is more; not to be written to."""
        return _layers(self, size)

    def painted(self, size: int, palette: Palette) -> Bytes:
        """Return the icon in these colours (h, w, 4), red, green and blue times opacity."""
        return np.asarray(cv2.transform(self.layers(size).weights, palette.mixing()), np.uint8)


@cache
def drawn_icons() -> tuple[Icon, ...]:
    """Return all icons, in the order of the file."""
    blocks = _FILE.read_text(encoding="utf-8").split("\n\n")[1:]
    return tuple(_parse(block.strip().splitlines()) for block in blocks)


def _parse(lines: list[str]) -> Icon:
    """Read an icon: its name and then its strokes."""
    name, *sided = lines[0].split()
    strokes = [stroke for line in lines[1:] for stroke in _strokes(*line.split())]
    every = np.concatenate([curve for _, curve in strokes])
    low, longer = every.min(axis=0), np.ptp(every, axis=0).max()
    return Icon(name, bool(sided), tuple((how, (c - low) / longer) for how, c in strokes))


def _strokes(how: str, *texts: str) -> Iterator[tuple[str, Points]]:
    """Read one line of the file, which may stand for two strokes."""
    points = np.array([text.split(",") for text in texts], np.float32)
    mirrored = points * (-1, 1) + (100, 0)
    plain = how.rstrip("=&")
    if how.endswith("="):
        points = np.concatenate([points, mirrored[::-1]])
    yield plain, _smooth(points, closed=plain != "line")
    if how.endswith("&"):
        yield plain, _smooth(mirrored, closed=plain != "line")


def _smooth(points: NDArray[np.floating], *, closed: bool) -> Points:
    """Return the Catmull-Rom curve (n, 2) through the points."""
    ends = (points[-1:], points[:2]) if closed else (points[:1], points[-1:])
    padded = np.concatenate([ends[0], points, ends[1]])
    a, b, c, d = (padded[k : len(padded) - 3 + k, None] for k in range(4))
    t = np.linspace(0, 1, _SPAN, endpoint=False)[:, None]
    cubic = b + t / 2 * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
    cubic = np.where((b == c).all(axis=-1, keepdims=True), b, cubic)  # no curl at a corner
    return np.concatenate([cubic.reshape(-1, 2), padded[-2:-1]]).astype(np.float32)


@lru_cache(maxsize=_KEPT)
def _layers(icon: Icon, size: int) -> Layers:
    line, body = _coverage(icon, size)
    light = _highlight(body)
    covered = body * (1 - line)
    weights = np.stack([line, covered * (1 - light), covered * light], axis=-1)
    deep = np.argwhere(light > _DEEP)[:, ::-1].astype(np.int16)
    return Layers(np.floor(weights * 255).astype(np.uint8), deep)


def _coverage(icon: Icon, size: int) -> tuple[Points, Points]:
    """Return what lines and bodies cover of each pixel, each (h, w) in 0..1."""
    width = max(_THINNEST_PX, _LINE * size)
    scale = size - width  # lines at the border lie inside, too
    extent = np.concatenate([curve for _, curve in icon.strokes]).max(axis=0)
    columns, rows = (int(np.ceil(side * scale + width)) for side in extent)
    fine = [np.zeros((rows * _FINER, columns * _FINER), np.uint8) for _ in range(2)]
    for how, curve in icon.strokes:
        points = np.rint((curve * scale + width / 2) * _FINER - 0.5).astype(np.int32)
        _stroke(fine, how, points, round(width * _FINER))
    line, body = (cv2.resize(f, (columns, rows), interpolation=cv2.INTER_AREA) for f in fine)
    return line.astype(np.float32) / 255, body.astype(np.float32) / 255


def _stroke(fine: list[Bytes], how: str, points: NDArray[np.int32], width: int) -> None:
    """Draw a stroke into the layers of lines and of bodies."""
    line, body = fine
    if how == "body":
        cv2.fillPoly(line, [points], 0)  # hides what is behind
        cv2.fillPoly(body, [points], 255)
    if how == "dot":
        cv2.fillPoly(line, [points], 255)
    cv2.polylines(line, [points], how != "line", 255, width)


def _highlight(body: Points) -> Points:
    """Return how light a rounded body looks (h, w), 0..1: most in its middle."""
    solid = np.pad(np.uint8(body > 0.5), 1)
    depth = cv2.distanceTransform(solid, cv2.DIST_L2, 3)[1:-1, 1:-1]
    relative = depth / max(float(depth.max()), 1.0)
    return np.asarray(1 - np.exp(-_SHADE * relative**2), np.float32)
