"""Reading one still image from a file, strictly: whole and as expected, or one clear error.

Read are PNG, TIFF, JPEG and BMP by `core.pictures`, and DICOM by `core.dicom`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.dicom.header import is_dicom
from core.dicom.pixels import Array, Pixels, to_bytes
from core.files import printable
from core.pictures import DEEP_MODES, decode, shallow_pixels


def read_image(path: Path, *, white_level: float | None = None) -> Pixels:
    """Read a still image as 8 bits a channel.

    Stored pixels are taken as they lie; an EXIF orientation is not applied. Transparency is
    dropped, a palette looked up. Deeper grey images are scaled linearly to 0..255 and rounded:
    integers from 0..65535, floats from 0..1 if none is above 1 and from 0..255 otherwise. Scanners
    that store fewer bits, say 12, need their `white_level`. Of 16-bit colour files Pillow gives the
    high bytes. DICOM states its depth and its window, which count unless there is a `white_level`;
    of several frames it gives the first.

    Args:
        path: The file.
        white_level: Value that becomes 255, for grey images deeper than 8 bits.

    Returns:
        (H, W) uint8 for grey images, also for colour files whose channels are equal; else
        (H, W, 3) RGB.

    Raises:
        InputError: If the file is missing, empty, torn, of another type, too small or too large, or
            holds values that are not finite or out of range.
    """
    if is_dicom(path):
        return _dicom(path, white_level)
    subject = printable(path.name)
    image = decode(path, subject)
    if image.mode in DEEP_MODES or image.mode == "F":
        return _as_bytes(np.asarray(image), white_level, subject)
    return _grey_if_equal(shallow_pixels(image, subject))


def _dicom(path: Path, white_level: float | None) -> Pixels:
    from core.dicom.still import read_still

    return _grey_if_equal(read_still(path, white_level=white_level))


def _as_bytes(values: Array, white_level: float | None, subject: str) -> Pixels:
    """Scale a deep grey image to 0..255."""
    if white_level is None:
        deep = values.dtype.kind in "iu"
        white_level = 65535.0 if deep else 1.0 if values.max() <= 1 else 255.0
    return to_bytes(values, white_level, subject)


def _grey_if_equal(pixels: Pixels) -> Pixels:
    if pixels.ndim == 2:
        return pixels
    red, green, blue = pixels[..., 0], pixels[..., 1], pixels[..., 2]
    grey = np.array_equal(red, green) and np.array_equal(green, blue)
    return np.ascontiguousarray(red) if grey else pixels
