"""Unevenness of tissue that is coarser than speckle: streaks, clumps and patches."""

from __future__ import annotations

import math

import cv2
import numpy as np

from core.phantoms.bmode import Bytes
from core.phantoms.sketch import encoded

# spread in dB, height and width in mm of the cells of texture: streaks, clumps, patches
TEXTURE = ((3.5, 0.3, 2.2), (2.5, 1.0, 3.0), (4.0, 4.0, 8.0))


def draw_texture(rng: np.random.Generator, size: tuple[int, int], spacing_mm: float) -> Bytes:
    """Draw texture for a grid of this size, uint8 (rows, columns), coded as `Maps.tissue` takes it.

    Args:
        rng: Source of every random choice.
        size: Rows and columns.
        spacing_mm: Side of a pixel.
    """
    texture = np.zeros(size, np.float32)
    for spread_db, height_mm, width_mm in TEXTURE:
        rows = math.ceil(size[0] * spacing_mm / height_mm)
        columns = math.ceil(size[1] * spacing_mm / width_mm)
        cells = rng.normal(0, spread_db, (rows, columns)).astype(np.float32)
        texture += cv2.resize(cells, size[::-1], interpolation=cv2.INTER_CUBIC)
    return encoded(texture)
