"""Masks as image files that people can look at and programs can read back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Mask = NDArray[np.uint8]

# Background black; then green, blue, orange, pink: Okabe and Ito's, which stay apart for all eyes.
_PALETTE = (0, 0, 0, 0, 158, 115, 86, 180, 233, 230, 159, 0, 204, 121, 167, 240, 228, 66)


def save_mask(mask: Mask, path: Path, *, structures: int = 1) -> None:
    """Write a mask (H, W) uint8 of class indices as PNG.

    Where there is one structure it is black and white (0 and 255); where there are several it
    holds the indices themselves, with a palette that shows them in colours.
    """
    if structures > 1:
        picture = Image.fromarray(mask, "P")
        picture.putpalette(_PALETTE)
        picture.save(path)
    else:
        Image.fromarray((mask > 0).astype(np.uint8) * 255).save(path)


def load_mask(path: Path) -> Mask:
    """Read back what `save_mask` wrote: (H, W) uint8 class indices."""
    with Image.open(path) as picture:
        if picture.mode == "P":
            return np.asarray(picture)
        return (np.asarray(picture.convert("L")) > 0).astype(np.uint8)
