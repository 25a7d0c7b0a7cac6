"""What holds for the pixels of a still image, whatever kind of file they come in."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from core.checks import first_line, require
from core.files import printable

Pixels = npt.NDArray[np.uint8]
Array = npt.NDArray[Any]

MIN_SIDE = 8  # pixels; anything smaller is an icon or a mistake
MAX_PIXELS = 64_000_000  # a still ultrasound image has about one million


def require_extent(height: int, width: int, subject: str) -> None:
    """Refuse, from the header alone, what would fill the memory or is no image.

    Args:
        height: Rows.
        width: Columns.
        subject: What error messages call the file.

    Raises:
        InputError: If it is too large or too small.
    """
    size = f"{height}x{width}"
    require(height * width <= MAX_PIXELS, subject, f"at most {MAX_PIXELS} pixels", size)
    require(min(height, width) >= MIN_SIDE, subject, f"at least {MIN_SIDE} pixels a side", size)


def to_bytes(values: Array, white_level: float, subject: str) -> Pixels:
    """Scale 0..white_level linearly to 0..255, and round.

    Args:
        values: Pixels of any shape, number type and byte order.
        white_level: Value that becomes 255.
        subject: What error messages call the file.

    Raises:
        InputError: If a value is not finite, or out of range.
    """
    if values.dtype == np.uint8 and white_level == 255:
        return values
    low, high = float(values.min()), float(values.max())
    require(np.isfinite(low + high), subject, "finite values", "NaN or infinity")
    fits = low >= 0 and high <= white_level
    require(fits, subject, f"values from 0 to {white_level:g}", f"{low:g} to {high:g}")
    return np.rint(values * (255.0 / white_level)).astype(np.uint8)


def reason_of(error: Exception) -> str:
    """Return a decoder's or the system's words in one line, without the path."""
    return printable(getattr(error, "strerror", None) or first_line(error))[:120]


def luma(rgb: Pixels) -> Pixels:
    """Return the brightness of RGB pixels, 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601), rounded.

    Args:
        rgb: (H, W, 3) uint8.

    Returns:
        (H, W) uint8.
    """
    from PIL import Image

    return np.asarray(Image.fromarray(rgb).convert("L"))
