"""Look-up tables that DICOM headers hold: palettes (PS3.3 C.7.6.3.1.5), values of interest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from core.checks import require
from core.dicom.pixels import Array, Pixels

if TYPE_CHECKING:
    from pydicom import Dataset

Words = npt.NDArray[np.uint16]

_COLOURS = ("Red", "Green", "Blue")


def palette_colours(indices: Array, header: Dataset, subject: str) -> Pixels:
    """Replace palette indices by their colours.

    Entries of 16 bits give their high byte. Some scanners store 8-bit entries in 16-bit words;
    these, none above 255, are taken as they lie.

    Args:
        indices: (H, W) integers.
        header: Holds the palette, plain or in segments.
        subject: What error messages call the file.

    Returns:
        (H, W, 3) uint8 RGB.

    Raises:
        InputError: If the palette has other lengths than it states.
    """
    count, first = _extent(header.RedPaletteColorLookupTableDescriptor)
    if "SegmentedRedPaletteColorLookupTableData" in header:
        table = _expanded(header, count, first)
    else:
        table = np.stack([_plain(header, colour, count) for colour in _COLOURS], axis=-1)
    got = f"{len(table)} of {count}"
    require(len(table) == count, subject, "a palette with all its entries", got)
    entries = (table >> 8 if table.max() > 255 else table).astype(np.uint8)
    return entries[_rows(indices, count, first)]


def values_of_interest(values: Array, item: Dataset, little_endian: bool) -> Array:
    """Look grey values up in an item of the VOI LUT Sequence (PS3.3 C.11.2.1.1).

    Args:
        values: (H, W) numbers; fractions are rounded.
        item: The table, its first value and its bits an entry.
        little_endian: Byte order of the file.

    Returns:
        (H, W) float64, 0 = black, 1 = white.
    """
    count, first = _extent(item.LUTDescriptor)
    data = item.LUTData
    table = _words(data, little_endian) if isinstance(data, bytes) else np.asarray(data)
    white = 2.0 ** int(item.LUTDescriptor[2]) - 1
    return table[_rows(np.rint(values), count, first)] / white


def _extent(descriptor: list[int]) -> tuple[int, int]:
    """Return the number of entries, and the value that the first one stands for."""
    return int(descriptor[0]) or 65536, int(descriptor[1])


def _rows(values: Array, count: int, first: int) -> Array:
    """Return the entry of each value; values beyond the table take its first or last one."""
    return np.clip(values.astype(np.int64) - first, 0, count - 1)


def _plain(header: Dataset, colour: str, count: int) -> Array:
    """Return the entries of one colour; of 8 bits, two are packed into a word."""
    data = header[f"{colour}PaletteColorLookupTableData"].value
    words = _words(data, header.file_meta.TransferSyntaxUID.is_little_endian)
    return words[:count] if len(words) >= count else words.view(np.uint8)[:count]


def _words(data: bytes, little_endian: bool) -> Words:
    return np.frombuffer(data, "<u2" if little_endian else ">u2").astype("<u2")


def _expanded(header: Dataset, count: int, first: int) -> Array:
    """Return all entries of a palette in segments (PS3.3 C.7.9.2)."""
    from pydicom.pixels.processing import apply_color_lut

    return apply_color_lut(np.arange(first, first + count), header)
