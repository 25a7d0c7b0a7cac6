"""Reading one still image or mask from a file, strictly: whole and as expected, or one clear error.

Pillow decodes, since it refuses torn files, where OpenCV returns grey pixels. Read are PNG, TIFF, JPEG and BMP.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from core.checks import InputError, require
from core.data.files import printable

Pixels = npt.NDArray[np.uint8]
Array = npt.NDArray[Any]

FORMATS = ("PNG", "TIFF", "JPEG", "BMP")
SUFFIXES = frozenset({".png", ".tif", ".tiff", ".jpg", ".jpeg", ".bmp"})
MIN_SIDE = 8  # pixels; anything smaller is an icon or a mistake
MAX_PIXELS = 64_000_000  # a still ultrasound image has about one million

_DEEP = ("I;16", "I;16L", "I;16B", "I;16N", "I")
_COLOUR = ("RGB", "RGBA", "RGBX", "P", "PA", "YCbCr")
_DECODING = (
    OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError,
    EOFError, RuntimeError, MemoryError, struct.error, zlib.error, Image.DecompressionBombError,
)  # fmt: skip


def read_image(path: Path, *, white_level: float | None = None) -> Pixels:
    """Read a still image as 8 bits a channel.

    Stored pixels are taken as they lie; an EXIF orientation is not applied. Transparency is dropped, a
    palette looked up. Deeper grey images are scaled linearly to 0..255 and rounded: integers from
    0..65535, floats from 0..1 if none is above 1 and from 0..255 otherwise. Scanners that store fewer bits,
    say 12, need their `white_level`. Of 16-bit colour files Pillow gives the high bytes.

    Args:
        path: The file.
        white_level: Value that becomes 255, for grey images deeper than 8 bits.

    Returns:
        (H, W) uint8 for grey images, also for colour files whose channels are equal; else (H, W, 3) RGB.

    Raises:
        InputError: If the file is missing, empty, torn, of another type, too small or too large, or holds
            values that are not finite or out of range.
    """
    subject = printable(path.name)
    image = _decode(path, subject)
    if image.mode in _DEEP or image.mode == "F":
        return _as_bytes(np.asarray(image), white_level, subject)
    if image.mode in ("1", "L", "LA"):
        return np.array(image.convert("L"))
    require(image.mode in _COLOUR, subject, "a grey, RGB or palette image", f"mode {image.mode}")
    return _grey_if_equal(np.array(image.convert("RGB")))


def read_mask(path: Path, *, foreground: Mapping[str, int] | None = None) -> Pixels:
    """Read a label mask as class indices.

    Args:
        path: The file.
        foreground: Class index of each colour ("#800000" or "128,0,0") or grey value ("255"); what is to
            count as background is mapped to 0. Black is background unless it is named. None reads a binary
            mask: black and at most one other value, whichever, which becomes class 1.

    Returns:
        (H, W) uint8, 0 = background.

    Raises:
        InputError: If the file cannot be read (as `read_image`), or holds values that it should not.
    """
    subject = f"mask {printable(path.name)}"
    codes, colours = _coded(_decode(path, subject), subject)
    if foreground is None:
        classes = _binary_classes(colours, subject)
    else:
        classes = _mapped_classes(colours, parse_foreground(foreground), subject)
    return np.asarray(classes, np.uint8)[codes]


def parse_foreground(foreground: Mapping[str, int]) -> dict[tuple[int, ...], int]:
    """Return class indices by colour; greys as (value,), colours as (red, green, blue).

    Raises:
        InputError: If a colour cannot be understood, or a class index is not in 0..255.
    """
    parsed = {(0,): 0}
    for name, index in foreground.items():
        require(index in range(256), f"foreground['{name}']", "a class index from 0 to 255", index)
        parsed[_colour(str(name))] = int(index)
    return parsed


def _colour(name: str) -> tuple[int, ...]:
    try:
        values = tuple(bytes.fromhex(name[1:])) if name.startswith("#") else tuple(map(int, name.split(",")))
    except ValueError:
        values = ()
    require(len(values) in (1, 3), f"foreground['{name}']", "a colour like '#800000', '128,0,0' or '255'")
    return _short(values)


def _short(colour: tuple[int, ...]) -> tuple[int, ...]:
    return colour[:1] if len(set(colour)) == 1 else colour


def _decode(path: Path, subject: str) -> Image.Image:
    """Return the whole image in memory, its file closed."""
    require(path.exists(), subject, "a file", "nothing of that name")
    require(not path.is_dir(), subject, "a file", "a folder")
    require(path.stat().st_size > 0, subject, "an image file", "an empty file (0 bytes)")
    try:
        with Image.open(path, formats=FORMATS) as image:
            _check_extent(image, subject)
            image.load()
            return image
    except InputError:
        raise
    except Image.UnidentifiedImageError as error:
        raise InputError(f"{subject}: expected a {', '.join(FORMATS)} image, got a torn or other file") from error
    except _DECODING as error:
        raise InputError(f"{subject}: expected a whole image, got a damaged one ({_first_line(error)})") from error


def _check_extent(image: Image.Image, subject: str) -> None:
    """Refuse, from the header alone, what would fill the memory or is no single image."""
    size = f"{image.height}x{image.width}"
    require(image.width * image.height <= MAX_PIXELS, subject, f"at most {MAX_PIXELS} pixels", size)
    require(min(image.size) >= MIN_SIDE, subject, f"at least {MIN_SIDE} pixels a side", size)
    frames = getattr(image, "n_frames", 1)
    require(frames == 1, subject, "a still image", f"{frames} frames")


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:120]


def _as_bytes(values: Array, white_level: float | None, subject: str) -> Pixels:
    """Scale a deep grey image to 0..255."""
    low, high = float(values.min()), float(values.max())
    require(np.isfinite(low + high), subject, "finite values", "NaN or infinity")
    if white_level is None:
        deep = values.dtype.kind in "iu"
        white_level = 65535.0 if deep else 1.0 if high <= 1 else 255.0
    require(low >= 0 and high <= white_level, subject, f"values from 0 to {white_level:g}", f"{low:g} to {high:g}")
    return np.rint(values * (255.0 / white_level)).astype(np.uint8)


def _grey_if_equal(rgb: Pixels) -> Pixels:
    red, green, blue = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    grey = np.array_equal(red, green) and np.array_equal(green, blue)
    return np.ascontiguousarray(red) if grey else rgb


def _coded(image: Image.Image, subject: str) -> tuple[Array, list[tuple[int, ...]]]:
    """Return (H, W) codes and the colour that each code stands for."""
    if image.mode == "P":
        palette = np.array(image.getpalette("RGB"), np.int64).reshape(-1, 3)
        values = np.asarray(image)
        require(values.max() < len(palette), subject, "indices within its palette", int(values.max()))
        used = np.flatnonzero(np.bincount(values.ravel()))
        return _positions(values, used), [_short(tuple(map(int, palette[i]))) for i in used]
    if image.mode in _COLOUR:
        rgb = np.asarray(image.convert("RGB")).astype(np.int64)
        codes = (rgb[..., 0] << 16) | (rgb[..., 1] << 8) | rgb[..., 2]
        used = np.unique(codes)
        return _positions(codes, used), [_short((int(c) >> 16, int(c) >> 8 & 255, int(c) & 255)) for c in used]
    values = np.asarray(image.convert("L") if image.mode in ("1", "LA") else image)
    whole = values.dtype.kind in "iu" or (np.isfinite(values).all() and np.array_equal(values, np.rint(values)))
    require(whole, subject, "whole numbers", f"mode {image.mode} with fractions or NaN")
    used = np.unique(values)
    return _positions(values, used), [(int(value),) for value in used]


def _positions(values: Array, used: Array) -> Array:
    """Replace each value by its place among the sorted used ones."""
    return np.searchsorted(used, values)


def _binary_classes(colours: list[tuple[int, ...]], subject: str) -> list[int]:
    other = [colour for colour in colours if colour != (0,)]
    fits = len(other) == 0 or (len(other) == 1 and len(colours) == 2)
    require(fits, subject, "0 and one other value (or foreground: to say what they mean)", _listing(colours))
    return [int(colour != (0,)) for colour in colours]


def _mapped_classes(
    colours: list[tuple[int, ...]], foreground: dict[tuple[int, ...], int], subject: str
) -> list[int]:
    unknown = [colour for colour in colours if colour not in foreground]
    require(not unknown, subject, f"only the colours {_listing(list(foreground))}", f"also {_listing(unknown)}")
    return [foreground[colour] for colour in colours]


def _listing(colours: list[tuple[int, ...]]) -> str:
    shown = "; ".join(",".join(map(str, colour)) for colour in colours[:6])
    return shown if len(colours) <= 6 else f"{shown}; ... ({len(colours)} values)"
