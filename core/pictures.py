"""Image files, opened strictly: whole and of a size that can be, or one clear error.

Pillow decodes, since it refuses torn files, where OpenCV returns grey pixels.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, UnidentifiedImageError

from core.checks import InputError, require
from core.dicom.pixels import Pixels, reason_of, require_extent

FORMATS: Final = ("PNG", "TIFF", "JPEG", "BMP")
SUFFIXES: Final = frozenset({".png", ".tif", ".tiff", ".jpg", ".jpeg", ".bmp"})

DEEP_MODES: Final = ("I;16", "I;16L", "I;16B", "I;16N", "I")
"""Pillow's names of grey images of more than 8 bits, in integers."""
GREY_MODES: Final = ("1", "L", "LA")
COLOUR_MODES: Final = ("RGB", "RGBA", "RGBX", "P", "PA", "YCbCr")


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
    except Exception as error:  # Pillow raises a dozen kinds for torn files
        expected = "expected a whole, readable image, got one that is not"
        raise InputError(f"{subject}: {expected} ({reason_of(error)})") from error


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


def shallow_pixels(image: Image.Image, subject: str) -> Pixels:
    """Return the pixels of an image of 8 bits a channel; a palette is looked up, opacity dropped.

    Args:
        image: It may be read on demand.
        subject: What error messages call it.

    Returns:
        (H, W) uint8 of grey images, (H, W, 3) uint8 of others.

    Raises:
        InputError: If it is of another kind.
    """
    if image.mode in GREY_MODES:
        return np.array(image.convert("L"))
    kinds = "a grey, RGB or palette image"
    require(image.mode in COLOUR_MODES, subject, kinds, f"mode {image.mode}")
    return np.array(image.convert("RGB"))
