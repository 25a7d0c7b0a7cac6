"""Reading one label mask from a file, strictly: the values and colours agreed on, no others."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PIL import Image

from core.checks import require
from core.dicom.pixels import Array, Pixels
from core.files import printable
from core.pictures import COLOUR_MODES, decode

Colour = tuple[int, ...]


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
    codes, used, colours = _coded(decode(path, subject), subject)
    if foreground is None:
        classes = _binary_classes(colours, subject)
    else:
        classes = _mapped_classes(colours, parse_foreground(foreground), subject)
    return _relabelled(codes, used, np.asarray(classes, np.uint8))


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


def _coded(image: Image.Image, subject: str) -> tuple[Array, Array, list[Colour]]:
    """Return codes (H, W), the sorted codes that occur, and the colour of each of these."""
    if image.mode == "P":
        palette = np.array(image.getpalette("RGB"), np.int64).reshape(-1, 3)
        codes = np.asarray(image)
        used = _used(codes)
        require(used[-1] < len(palette), subject, "indices within its palette", int(used[-1]))
        return codes, used, [_short(tuple(palette[index].tolist())) for index in used]
    if image.mode in COLOUR_MODES:
        rgb = np.asarray(image.convert("RGB")).astype(np.int64)
        codes = (rgb[..., 0] << 16) | (rgb[..., 1] << 8) | rgb[..., 2]
        used = _used(codes)
        return codes, used, [_short(tuple(int(code).to_bytes(3, "big"))) for code in used]
    codes = np.asarray(image.convert("L") if image.mode in ("1", "LA") else image)
    whole = codes.dtype.kind != "f" or np.array_equal(codes, np.rint(codes))
    require(whole, subject, "whole numbers", "fractions or NaN")
    used = _used(codes)
    return codes, used, [(int(value),) for value in used]


def _used(codes: Array) -> Array:
    """Return the sorted codes that occur; bytes are counted, which is faster than sorting."""
    if codes.dtype == np.uint8:
        return np.flatnonzero(np.bincount(codes.ravel()))
    return np.unique(codes)


def _relabelled(codes: Array, used: Array, classes: Pixels) -> Pixels:
    """Replace each code by its class."""
    if codes.dtype != np.uint8:
        return classes[np.searchsorted(used, codes)]
    class_of = np.zeros(256, np.uint8)
    class_of[used] = classes
    return class_of.take(codes)


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
