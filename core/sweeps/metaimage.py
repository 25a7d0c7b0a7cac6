"""Reading MetaImage files (.mha, .mhd): a text header, then the values, raw or through zlib.

Nothing that the header promises is believed before it is held against the bytes that are there.
"""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
import numpy.typing as npt

from core.checks import InputError, require
from core.files import printable

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]

MAX_BYTES: Final = 4 << 30  # of values; a sweep of 2000 frames of 820 x 616 has 1 GB
_MAX_HEADER, _MAX_LINE = 64 << 20, 1 << 16
_READ, _INFLATE = 1 << 16, 1 << 24  # bytes at a time
_DEFLATE_RATIO: Final = 1032  # zlib cannot shrink anything further
_TYPES: Final = {
    "MET_UCHAR": "u1", "MET_CHAR": "i1", "MET_USHORT": "u2", "MET_SHORT": "i2",
    "MET_UINT": "u4", "MET_INT": "i4", "MET_FLOAT": "f4", "MET_DOUBLE": "f8",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class MetaImage:
    """A three-dimensional image, or a sequence of two-dimensional ones.

    Attributes:
        name: Base name of the file, printable.
        header: Every line of the header, value by key.
        values: (Z, Y, X), the file's x running fastest; raw files are mapped, not loaded.
    """

    name: str
    header: dict[str, str]
    values: Array

    @property
    def spacing_mm(self) -> Floats:
        """Distances between voxels along x, y and z."""
        key = "ElementSpacing" if "ElementSpacing" in self.header else "ElementSize"
        spacing = _numbers(self.header, key, 3, self.name, "1 1 1")
        require((spacing > 0).all(), self.name, f"positive {key}", self.header.get(key))
        return spacing

    @property
    def origin_mm(self) -> Floats:
        """Centre of the first voxel."""
        given = [key for key in ("Offset", "Position", "Origin") if key in self.header]
        return _numbers(self.header, given[0] if given else "Offset", 3, self.name, "0 0 0")

    @property
    def axes(self) -> Floats:
        """(3, 3) unit directions, row by row, in which x, y and z run."""
        text = "1 0 0 0 1 0 0 0 1"
        axes = _numbers(self.header, "TransformMatrix", 9, self.name, text).reshape(3, 3)
        orthonormal = np.allclose(axes @ axes.T, np.eye(3), atol=1e-3)
        require(orthonormal, self.name, "an orthonormal TransformMatrix", axes)
        return axes


def read_metaimage(path: Path) -> MetaImage:
    """Read a MetaImage of three dimensions and one channel.

    Args:
        path: The .mha, or the .mhd beside its file of values.

    Raises:
        InputError: If the file cannot be read, is damaged or cut short, or is of another kind.
    """
    name = printable(path.name)
    try:
        with path.open("rb") as file:
            header = _header(file, name)
            shape, dtype = _layout(header, name)
            size = math.prod(shape) * dtype.itemsize
            require(size <= MAX_BYTES, name, f"at most {MAX_BYTES:,} bytes of values", f"{size:,}")
            source, start = _data_file(path, header, file.tell(), name)
        values = _values(source, start, header, size, name)
    except OSError as error:
        raise InputError(f"{name}: expected a file that can be read: {error.strerror}") from error
    return MetaImage(name=name, header=header, values=values.view(dtype).reshape(shape))


def _header(file: IO[bytes], name: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    while line := file.readline(_MAX_LINE):
        key, sign, value = (part.strip() for part in line.decode("latin-1").partition("="))
        require(sign and file.tell() < _MAX_HEADER, name, "a MetaImage header, 'Key = value' lines")
        fields[key] = value
        if key == "ElementDataFile":
            return fields
    raise InputError(f"{name}: expected a MetaImage header, got one without ElementDataFile")


def _layout(header: dict[str, str], name: str) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """Return the shape (Z, Y, X) and type of the values."""
    for key, right in {"ObjectType": "Image", "NDims": "3", "ElementNumberOfChannels": "1"}.items():
        require(header.get(key, right) == right, name, f"{key} = {right}", _shown(header, key))
    sides = _numbers(header, "DimSize", 3, name)
    whole = (sides >= 1).all() and (sides == np.floor(sides)).all() and sides.max() < 2**31
    require(whole, name, "three positive whole numbers as DimSize", _shown(header, "DimSize"))
    kind = header.get("ElementType", "")
    require(kind in _TYPES, name, f"ElementType one of {', '.join(_TYPES)}", printable(kind))
    keys = ("BinaryDataByteOrderMSB", "ElementByteOrderMSB")
    order = ">" if any(_true(header, key) for key in keys) else "<"
    return tuple(int(side) for side in sides[::-1]), np.dtype(order + _TYPES[kind])


def _data_file(path: Path, header: dict[str, str], end: int, name: str) -> tuple[Path, int]:
    """Return the file of the values and the byte they begin at; never one of another folder."""
    require(header.get("HeaderSize", "0") == "0", name, "HeaderSize = 0", header.get("HeaderSize"))
    given = header["ElementDataFile"]
    if given.upper() == "LOCAL":
        return path, end
    plain = given not in ("", ".", "..", "LIST") and not set(given) & set("/\\%:\0 ")
    expected = "ElementDataFile LOCAL or the plain name of a file beside it"
    require(plain, name, expected, printable(given))
    return path.with_name(given), 0


def _values(
    source: Path, start: int, header: dict[str, str], size: int, name: str
) -> npt.NDArray[np.uint8]:
    """Return the bytes of the values."""
    there = source.stat().st_size - start
    if not _true(header, "CompressedData"):
        require(there >= size, name, f"{size:,} bytes of values", f"{there:,}")
        return np.memmap(source, np.uint8, "r", start, (size,))
    stated = _numbers(header, "CompressedDataSize", 1, name, str(there))[0]
    require(there >= stated, name, f"{stated:,.0f} compressed bytes", f"{there:,}")
    bound = _DEFLATE_RATIO * there
    require(size <= bound, name, f"no more values than {there:,} bytes can hold", f"{size:,}")
    with source.open("rb") as file:
        file.seek(start)
        return _inflated(file, size, name)


def _inflated(file: IO[bytes], size: int, name: str) -> npt.NDArray[np.uint8]:
    """Decompress exactly `size` bytes, whatever the stream would hold beyond."""
    values, filled, decoder = np.empty(size, np.uint8), 0, zlib.decompressobj()
    expected = f"{size:,} bytes of values behind its compression"
    try:
        while chunk := decoder.unconsumed_tail or (not decoder.eof and file.read(_READ)):
            piece = decoder.decompress(chunk, _INFLATE)
            require(filled + len(piece) <= size, name, expected, "more")
            values[filled : filled + len(piece)] = np.frombuffer(piece, np.uint8)
            filled += len(piece)
    except zlib.error as error:
        raise InputError(f"{name}: expected {expected}, got damaged data") from error
    require(decoder.eof and filled == size, name, expected, f"{filled:,}")
    return values


def _numbers(
    header: dict[str, str], key: str, count: int, name: str, default: str | None = None
) -> Floats:
    text = header.get(key, default)
    require(text is not None, name, f"a header with {key}")
    try:
        numbers = np.array([float(word) for word in str(text).split()])
    except ValueError:
        numbers = np.array([math.nan])
    right = len(numbers) == count and np.isfinite(numbers).all()
    require(right, name, f"{count} numbers as {key}", _shown(header, key))
    return numbers


def _true(header: dict[str, str], key: str) -> bool:
    return header.get(key, "").lower() in ("true", "1")


def _shown(header: dict[str, str], key: str) -> str:
    return printable(header.get(key, "none"))[:60]
