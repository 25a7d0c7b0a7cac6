"""Reading one still image from a file, strictly: whole and as expected, or one clear error.

Pillow decodes, since it refuses torn files, where OpenCV returns grey pixels. Read are PNG, TIFF,
JPEG and BMP, and DICOM by `core.dicom`.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

from core.checks import InputError, require
from core.dicom.header import is_dicom
from core.dicom.pixels import reason_of, require_extent, to_bytes
from core.files import printable

Pixels = npt.NDArray[np.uint8]
Array = npt.NDArray[Any]

FORMATS = ("PNG", "TIFF", "JPEG", "BMP")
SUFFIXES = frozenset({".png", ".tif", ".tiff", ".jpg", ".jpeg", ".bmp"})

_DEEP = ("I;16", "I;16L", "I;16B", "I;16N", "I")
COLOUR_MODES = ("RGB", "RGBA", "RGBX", "P", "PA", "YCbCr")
_DECODING = (
    OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, AttributeError, EOFError,
    OverflowError, RuntimeError, MemoryError, struct.error, zlib.error,
    Image.DecompressionBombError,
)  # fmt: skip


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
    if image.mode in _DEEP or image.mode == "F":
        return _as_bytes(np.asarray(image), white_level, subject)
    if image.mode in ("1", "L", "LA"):
        return np.array(image.convert("L"))
    require(
        image.mode in COLOUR_MODES, subject, "a grey, RGB or palette image", f"mode {image.mode}"
    )
    return _grey_if_equal(np.array(image.convert("RGB")))


def _dicom(path: Path, white_level: float | None) -> Pixels:
    from core.dicom.still import read_still

    pixels = read_still(path, white_level=white_level)
    return pixels if pixels.ndim == 2 else _grey_if_equal(pixels)


def decode(path: Path, subject: str) -> Image.Image:
    """Return the whole image in memory, its file closed.

    Args:
        path: The file.
        subject: What error messages call it.

    Raises:
        InputError: If it is not one whole still image of a size that can be.
    """
    with opened(path, subject) as image:
        image.load()
        return image


@contextmanager
def opened(path: Path, subject: str) -> Iterator[Image.Image]:
    """Open an image file of which no more than the header is read; its pixels follow on demand.

    Args:
        path: The file.
        subject: What error messages call it.

    Yields:
        The image, whose pixels are not decoded yet.

    Raises:
        InputError: If it is no still image of a size that can be, or what is done with it fails.
    """
    try:
        require(path.exists(), subject, "a file", "nothing of that name")
        require(not path.is_dir(), subject, "a file", "a folder")
        require(path.stat().st_size > 0, subject, "an image file", "an empty file (0 bytes)")
        with Image.open(path, formats=FORMATS) as image:
            require_extent(image.height, image.width, subject)
            frames = getattr(image, "n_frames", 1)
            require(frames == 1, subject, "a still image", f"{frames} frames")
            yield image
    except InputError:
        raise
    except UnidentifiedImageError as error:
        known = ", ".join(FORMATS)
        raise InputError(f"{subject}: expected a whole {known} file, got something else") from error
    except _DECODING as error:
        reason = reason_of(error)
        raise InputError(
            f"{subject}: expected a whole, readable image, got one that is not ({reason})"
        ) from error


def _as_bytes(values: Array, white_level: float | None, subject: str) -> Pixels:
    """Scale a deep grey image to 0..255."""
    if white_level is None:
        deep = values.dtype.kind in "iu"
        white_level = 65535.0 if deep else 1.0 if values.max() <= 1 else 255.0
    return to_bytes(values, white_level, subject)


def _grey_if_equal(rgb: Pixels) -> Pixels:
    red, green, blue = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    grey = np.array_equal(red, green) and np.array_equal(green, blue)
    return np.ascontiguousarray(red) if grey else rgb
