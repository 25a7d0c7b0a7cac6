"""RGB of what is stored in other colours (PS3.3 C.7.6.3.1.2)."""

from __future__ import annotations

from typing import Final

import numpy as np

from core.checks import InputError
from core.dicom.pixels import Array, Pixels

FULL: Final = ("YBR_FULL", "YBR_FULL_422")
PARTIAL: Final = ("YBR_PARTIAL_420", "YBR_PARTIAL_422")

_FROM_PARTIAL: Final = np.array(
    [[1.1644, 0.0, 1.5960], [1.1644, -0.3917, -0.8129], [1.1644, 2.0173, 0.0]]
)
"""From Y - 16, Cb - 128, Cr - 128 to RGB: the inverse of the standard's rows for partial range."""


def to_rgb(values: Array, colours: str) -> Array:
    """Return RGB of colours as they are stored.

    Args:
        values: (H, W, 3) integers.
        colours: Photometric interpretation; RGB, YBR_RCT and YBR_ICT, which their decoder has
            turned into RGB, are returned as they are.

    Returns:
        (H, W, 3), of the same type.

    Raises:
        InputError: If YBR values have more than 8 bits.
    """
    if colours not in FULL + PARTIAL:
        return values
    if values.dtype != np.uint8:
        raise InputError(f"expected {colours} of 8 bits, got {values.dtype}")
    if colours in PARTIAL:
        return _from_partial(values)
    from pydicom.pixels.processing import convert_color_space

    rgb: Pixels = convert_color_space(values, "YBR_FULL", "RGB")
    return rgb


def _from_partial(ybr: Pixels) -> Pixels:
    rgb = (ybr - np.array([16.0, 128.0, 128.0])) @ _FROM_PARTIAL.T
    clipped: Pixels = np.clip(np.rint(rgb), 0, 255).astype(np.uint8)
    return clipped
