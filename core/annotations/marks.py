"""The small marks that machines set at the ends of a measured distance."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

_ROUND: Final = tuple(
    (float(x), float(y))
    for x, y in zip(
        np.cos(np.linspace(0, 2 * np.pi, 25)), np.sin(np.linspace(0, 2 * np.pi, 25)), strict=True
    )
)
_PLUS: Final = (((-1, 0), (1, 0)), ((0, -1), (0, 1)))
_CROSS: Final = (((-0.8, -0.8), (0.8, 0.8)), ((-0.8, 0.8), (0.8, -0.8)))
_STEPS: Final = (-1.0, -0.5, 0.0, 0.5, 1.0)

MARKS: Final = {
    "plus": _PLUS,
    "cross": _CROSS,
    "star": (*_PLUS, *_CROSS),
    "dotted_plus": tuple(((x, y), (x, y)) for s in _STEPS for x, y in ((s, 0.0), (0.0, s))),
    "open_plus": tuple(((0.4 * x, 0.4 * y), (x, y)) for x, y in ((1, 0), (-1, 0), (0, 1), (0, -1))),
    "square": (((-0.8, -0.8), (0.8, -0.8), (0.8, 0.8), (-0.8, 0.8), (-0.8, -0.8)),),
    "diamond": (((0, -1), (1, 0), (0, 1), (-1, 0), (0, -1)),),
    "circle": (_ROUND,),
    "circled_plus": (_ROUND, *_PLUS),
    "tee": (((-1, -0.8), (1, -0.8)), ((0, -0.8), (0, 1))),
}
"""Lines of each mark by name, as points (x, y) from -1 to 1."""


@lru_cache(maxsize=512)
def drawn_mark(name: str, size: int) -> NDArray[np.bool_]:
    """Return where a mark has ink (size, size), size odd; not to be written to."""
    reach, width = size // 2, 1 + size // 24
    ink = np.zeros((size, size), np.uint8)
    for line in MARKS[name]:
        points = np.rint(np.array(line) * (reach - width // 2)).astype(np.int32) + reach
        cv2.polylines(ink, [points], isClosed=False, color=1, thickness=width)
    return ink > 0
