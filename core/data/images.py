"""Reading one still image or mask from a file, strictly: whole and as expected, or one clear error.

Pillow decodes, since it refuses torn files, where OpenCV returns grey pixels. Read are PNG, TIFF,
JPEG and BMP.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

from core.checks import InputError, require
from core.data.files import printable

Pixels = npt.NDArray[np.uint8]
Array = npt.NDArray[Any]
Colour = tuple[int, ...]

FORMATS = ("PNG", "TIFF", "JPEG", "BMP")
SUFFIXES = frozenset({".png", ".tif", ".tiff", ".jpg", ".jpeg", ".bmp"})
MIN_SIDE = 8  # pixels; anything smaller is an icon or a mistake
MAX_PIXELS = 64_000_000  # a still ultrasound image has about one million

_DEEP = ("I;16", "I;16L", "I;16B", "I;16N", "I")
_COLOUR = ("RGB", "RGBA", "RGBX", "P", "PA", "YCbCr")
_DECODING = (
    OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, AttributeError, EOFError,
    OverflowError, RuntimeError, MemoryError, struct.error, zlib.error, Image.DecompressionBombError,
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
        foreground: Class index of each colour ("#800000" or "128,0,0") or grey value ("255"); what
            is to count as background is mapped to 0. Black is background unless it is named. None
            reads a binary mask: black and at most one other value, which becomes class 1.

    Returns:
        (H, W) uint8, 0 = background.

    Raises:
        InputError: If the file cannot be read (as `read_image`), or holds other values than these.
    """
    subject = f"mask {printable(path.name)}"
    codes, colours = _coded(_decode(path, subject), subject)
    if foreground is None:
        classes = _binary_classes(colours, subject)
    else:
        classes = _mapped_classes(colours, parse_foreground(foreground), subject)
    return np.asarray(classes, np.uint8)[codes]


def parse_foreground(foreground: Mapping[str, int]) -> dict[Colour, int]:
    """Return class indices by colour; greys as (value,), colours as (red, green, blue).

    Raises:
        InputError: If a colour cannot be understood, or a class index is not in 0..255.
    """
    parsed: dict[Colour, int] = {(0,): 0}
    for name, index in foreground.items():
        require(index in range(256), f"foreground['{name}']", "a class index from 0 to 255", index)
        parsed[_colour(str(name))] = int(index)
    return parsed


def _colour(name: str) -> Colour:
    try:
        hexadecimal = name.startswith("#")
        values = tuple(bytes.fromhex(name[1:]) if hexadecimal else map(int, name.split(",")))
    except ValueError:
        values = ()
    expected = "a colour like '#800000', '128,0,0' or '255'"
    require(len(values) in (1, 3), f"foreground['{name}']", expected)
    return _short(values)


def _short(colour: Colour) -> Colour:
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
    except UnidentifiedImageError as error:
        known = ", ".join(FORMATS)
        raise InputError(f"{subject}: expected a whole {known} file, got something else") from error
    except _DECODING as error:
        damage = _first_line(error)
        raise InputError(
            f"{subject}: expected a whole image, got a damaged one ({damage})"
        ) from error


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
    fits = low >= 0 and high <= white_level
    require(fits, subject, f"values from 0 to {white_level:g}", f"{low:g} to {high:g}")
    return np.rint(values * (255.0 / white_level)).astype(np.uint8)


def _grey_if_equal(rgb: Pixels) -> Pixels:
    red, green, blue = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    grey = np.array_equal(red, green) and np.array_equal(green, blue)
    return np.ascontiguousarray(red) if grey else rgb


def _coded(image: Image.Image, subject: str) -> tuple[Array, list[Colour]]:
    """Return (H, W) positions in a list of the colours that occur, and that list."""
    if image.mode == "P":
        palette = np.array(image.getpalette("RGB"), np.int64).reshape(-1, 3)
        positions, used = _enumerated(np.asarray(image))
        require(used[-1] < len(palette), subject, "indices within its palette", int(used[-1]))
        return positions, [_short(tuple(palette[index].tolist())) for index in used]
    if image.mode in _COLOUR:
        rgb = np.asarray(image.convert("RGB")).astype(np.int64)
        positions, used = _enumerated((rgb[..., 0] << 16) | (rgb[..., 1] << 8) | rgb[..., 2])
        return positions, [_short(tuple(int(code).to_bytes(3, "big"))) for code in used]
    values = np.asarray(image.convert("L") if image.mode in ("1", "LA") else image)
    require(np.array_equal(values, np.rint(values)), subject, "whole numbers", "fractions or NaN")
    positions, used = _enumerated(values)
    return positions, [(int(value),) for value in used]


def _enumerated(values: Array) -> tuple[Array, Array]:
    """Return each value's position among the sorted ones that occur, and these."""
    if values.dtype != np.uint8:
        used = np.unique(values)
        return np.searchsorted(used, values), used
    used = np.flatnonzero(np.bincount(values.ravel()))
    position = np.zeros(256, np.uint8)
    position[used] = np.arange(len(used))
    return position[values], used


def _binary_classes(colours: list[Colour], subject: str) -> list[int]:
    other = [colour for colour in colours if colour != (0,)]
    fits = len(other) == 0 or (len(other) == 1 and len(colours) == 2)
    expected = "0 and one other value (or the option foreground, to say what they mean)"
    require(fits, subject, expected, _listing(colours))
    return [int(colour != (0,)) for colour in colours]


def _mapped_classes(
    colours: list[Colour], foreground: dict[Colour, int], subject: str
) -> list[int]:
    unknown = [colour for colour in colours if colour not in foreground]
    expected = f"only the colours {_listing(list(foreground))}"
    require(not unknown, subject, expected, f"also {_listing(unknown)}")
    return [foreground[colour] for colour in colours]


def _listing(colours: list[Colour]) -> str:
    shown = "; ".join(",".join(map(str, colour)) for colour in colours[:6])
    return shown if len(colours) <= 6 else f"{shown}; ... ({len(colours)} values)"
