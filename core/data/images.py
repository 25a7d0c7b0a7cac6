"""Reading one still image from a file, strictly: whole and as expected, or one clear error.

Pillow decodes, since it refuses torn files, where OpenCV returns grey pixels. Read are PNG, TIFF,
JPEG and BMP.
"""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

from core.checks import InputError, require
from core.files import printable

Pixels = npt.NDArray[np.uint8]
Array = npt.NDArray[Any]

FORMATS = ("PNG", "TIFF", "JPEG", "BMP")
SUFFIXES = frozenset({".png", ".tif", ".tiff", ".jpg", ".jpeg", ".bmp"})
MIN_SIDE = 8  # pixels; anything smaller is an icon or a mistake
MAX_PIXELS = 64_000_000  # a still ultrasound image has about one million

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
    high bytes.

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


def decode(path: Path, subject: str) -> Image.Image:
    """Return the whole image in memory, its file closed.

    Args:
        path: The file.
        subject: What error messages call it.

    Raises:
        InputError: If it is not one whole still image of a size that can be.
    """
    try:
        require(path.exists(), subject, "a file", "nothing of that name")
        require(not path.is_dir(), subject, "a file", "a folder")
        require(path.stat().st_size > 0, subject, "an image file", "an empty file (0 bytes)")
        with Image.open(path, formats=FORMATS) as image:
            _check_extent(image, subject)
            image.load()
            return image
    except InputError:
        raise
    except UnidentifiedImageError as error:
        known = ", ".join(FORMATS)
        raise InputError(f"{subject}: expected a whole {known} file, got something else") from error
    except _DECODING as error:
        reason = _reason(error)
        raise InputError(
            f"{subject}: expected a whole, readable image, got one that is not ({reason})"
        ) from error


def _check_extent(image: Image.Image, subject: str) -> None:
    """Refuse, from the header alone, what would fill the memory or is no single image."""
    size = f"{image.height}x{image.width}"
    require(image.width * image.height <= MAX_PIXELS, subject, f"at most {MAX_PIXELS} pixels", size)
    require(min(image.size) >= MIN_SIDE, subject, f"at least {MIN_SIDE} pixels a side", size)
    frames = getattr(image, "n_frames", 1)
    require(frames == 1, subject, "a still image", f"{frames} frames")


def _reason(error: Exception) -> str:
    """Return the decoder's or the system's words in one line, without the path."""
    words = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(words).splitlines()[0][:120]


def _as_bytes(values: Array, white_level: float | None, subject: str) -> Pixels:
    """Scale a deep grey image to 0..255."""
    low, high = float(values.min()), float(values.max())
    require(np.isfinite(low + high), subject, "finite values", "NaN or infinity")
    if white_level is None:
        deep = values.dtype.kind in "iu"
        white_level = 65535.0 if deep else 1.0 if high <= 1 else 255.0
    fits = low >= 0 and high <= white_level
    require(fits, subject, f"values from 0 to {white_level:g}", f"{low:g} to {high:g}")
    return np.rint(values * (255.0 / white_level)).astype(np.uint8)


def _grey_if_equal(rgb: Pixels) -> Pixels:
    red, green, blue = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    grey = np.array_equal(red, green) and np.array_equal(green, blue)
    return np.ascontiguousarray(red) if grey else rgb
