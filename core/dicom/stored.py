"""Where the frames of a DICOM file lie in it."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, NamedTuple

import numpy as np

from core.checks import require
from core.dicom.pixels import Array

if TYPE_CHECKING:
    from pydicom import Dataset

Extent = tuple[int, int]
"""First byte and length of a piece of a file."""

NATIVE: Final = ("1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2")
"""Transfer syntaxes of plain numbers; of deflated files `opened` makes the second."""

_IMPLICIT, _, _BIG_ENDIAN = NATIVE
_ITEM: Final = b"\xfe\xff\x00\xe0"
_UNDEFINED: Final = 0xFFFFFFFF
_STARTS: Final = (b"\xff\xd8\xff", b"\xff\x4f\xff\x51", b"\xff\x0a", b"\x00\x00\x00\x0cJXL ")


class Element(NamedTuple):
    """The Pixel Data of a file: first byte and length of its value, and its kind (VR)."""

    start: int
    length: int
    kind: str

    @property
    def encapsulated(self) -> bool:
        """Whether it is a sequence of items."""
        return self.length == _UNDEFINED


def is_big_endian(header: Dataset) -> bool:
    """Return the byte order, also of encodings that pydicom has not heard of."""
    return str(header.file_meta.TransferSyntaxUID) == _BIG_ENDIAN


def pixel_element(file: BinaryIO, header: Dataset, subject: str) -> Element:
    """Return where the pixels lie.

    Args:
        file: Read up to the pixels.
        header: What was read.
        subject: What error messages call the file.

    Raises:
        InputError: If there are none.
    """
    order = ">" if is_big_endian(header) else "<"
    tag = struct.pack(f"{order}HH", 0x7FE0, 0x0010)
    head = file.read(8)
    require(head[:4] == tag, subject, "an image", "DICOM without pixels")
    if header.file_meta.TransferSyntaxUID == _IMPLICIT:
        return Element(file.tell(), struct.unpack(f"{order}I", head[4:])[0], "OW")
    [length] = struct.unpack(f"{order}I", file.read(4))
    return Element(file.tell(), length, head[4:6].decode("ascii"))


def frame_extents(
    file: BinaryIO, element: Element, header: Dataset, frames: int
) -> list[list[Extent]]:
    """Return the pieces of each encapsulated frame (PS3.5 A.4).

    The heads of all items are read, once. The offset tables, which are often missing or wrong, are
    asked only where a frame may have several pieces; without one, a piece that begins like an image
    begins a frame.

    Args:
        file: The file.
        element: Its pixels.
        header: Holds the extended offset table, if there is one.
        frames: How many there should be.

    Returns:
        One list a frame; fewer or more than `frames` if the file holds such a number. The last
        piece may reach beyond the end of a torn file.
    """
    table, *pieces = list(_items(file, element.start)) or [(0, 0)]
    if len(pieces) == frames or not pieces:
        return [[piece] for piece in pieces]
    offsets = _offsets(file, table, header)
    base = pieces[0][0]
    starts = {base + int(offset) for offset in offsets}
    if len(starts) < 2:
        starts = {place for place, _ in pieces if _bytes(file, place, 12).startswith(_STARTS)}
    grouped: list[list[Extent]] = []
    for piece in pieces:
        if piece[0] in starts or not grouped:
            grouped.append([])
        grouped[-1].append(piece)
    return grouped


def _items(file: BinaryIO, place: int) -> Iterator[Extent]:
    """Yield the items behind one another, up to whatever is none; the first is the offset table."""
    while (head := _bytes(file, place, 8))[:4] == _ITEM and len(head) == 8:
        [length] = struct.unpack("<I", head[4:])
        yield place + 8, length
        place += 8 + length


def _offsets(file: BinaryIO, table: Extent, header: Dataset) -> Array:
    """Return the offsets of the frames from the first one, as the tables state them."""
    if extended := header.get("ExtendedOffsetTable"):
        return np.frombuffer(extended[: len(extended) // 8 * 8], "<u8")
    content = _bytes(file, *table)
    return np.frombuffer(content[: len(content) // 4 * 4], "<u4")


def _bytes(file: BinaryIO, start: int, length: int) -> bytes:
    """Return bytes of a file, fewer at its end; its position, which forks share, stays."""
    number = file.fileno()
    return os.pread(number, min(length, os.fstat(number).st_size), start)


def read_pieces(path: Path, extents: Sequence[Extent]) -> bytes:
    """Return the joined pieces of a file.

    Raises:
        ValueError: If the file ends before.
        OSError: If it cannot be read.
    """
    with path.open("rb") as file:
        content = b"".join(_bytes(file, start, length) for start, length in extents)
    if len(content) != sum(length for _, length in extents):
        raise ValueError("the file ends within the frame")
    return content
