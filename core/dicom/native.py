"""Frames that lie in a DICOM file as plain numbers (PS3.5 8.2)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from core.dicom.colours import to_rgb
from core.dicom.pixels import Array
from core.dicom.stored import Element, is_big_endian

if TYPE_CHECKING:
    from pydicom import Dataset


class NativeFrames:
    """The frames of an uncompressed file.

    Args:
        file: The file; it stays open.
        element: Its pixels.
        header: What it states of them.
        frames: How many it states.
    """

    def __init__(self, file: BinaryIO, element: Element, header: Dataset, frames: int) -> None:
        self._file, self._element, self._header = file, element, header
        self._colours = str(header.PhotometricInterpretation)
        self._bytes = int(header.BitsAllocated) // 8
        self._size, channels = (int(header.Rows), int(header.Columns)), int(header.SamplesPerPixel)
        count = self._size[0] * self._size[1]
        length = os.fstat(file.fileno()).st_size - element.start
        if not element.encapsulated:
            length = min(length, element.length)
        self._shared = self._colours.endswith("422") and length < 3 * count * frames * self._bytes
        self._shape = (*self._size, 3) if channels == 3 else self._size
        self._length = (2 if self._shared else channels) * count * self._bytes
        self.whole = length // self._length

    def read(self, index: int, *, grey: bool) -> Array:
        """Return (H, W) stored values, or (H, W, 3) RGB, of the file's bits."""
        values = self._values(index)
        if len(self._shape) == 2:
            return values.reshape(self._shape)
        if self._shared:
            return to_rgb(_unshared(values).reshape(self._shape), self._colours)
        if self._header.get("PlanarConfiguration") == 1:
            values = np.moveaxis(values.reshape(3, *self._size), 0, -1)
        return to_rgb(values.reshape(self._shape), self._colours)

    def _values(self, index: int) -> Array:
        big_endian = is_big_endian(self._header)
        first = index * self._length
        swapped = self._bytes == 1 and big_endian and self._element.kind == "OW"
        before = first % 2 if swapped else 0  # whole words, if bytes are swapped in them
        length = before + self._length
        content = os.pread(
            self._file.fileno(),
            length + (length % 2 if swapped else 0),
            self._element.start + first - before,
        )
        if swapped:
            content = np.frombuffer(content[: len(content) // 2 * 2], "u2").byteswap().tobytes()
        if len(content) < length:
            raise ValueError("the file ends within the frame")
        kind = "u1" if self._bytes == 1 else ">u2" if big_endian else "<u2"
        return np.frombuffer(content[before:length], kind)


def _unshared(values: Array) -> Array:
    """Return Y, B, R of each pixel, of pairs that are stored as Y, Y, B, R."""
    pairs = values.reshape(-1, 4)
    return pairs[:, [0, 2, 3, 1, 2, 3]].reshape(-1, 3)
