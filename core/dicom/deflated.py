"""DICOM files that are compressed as a whole (PS3.5 A.5)."""

from __future__ import annotations

import tempfile
import zlib
from pathlib import Path
from typing import BinaryIO, Final

from core.checks import require
from core.files import printable

MAX_INFLATED: Final = 2**29
"""Bytes; a small deflated file may hold a thousand times its size."""

_CHUNK: Final = 2**20
_BEFORE_META: Final = 144  # bytes: preamble, "DICM" and the element that states the meta's length


def opened(path: Path) -> BinaryIO:
    """Open a DICOM file for reading; of a deflated one, a nameless inflated copy on the disk.

    Args:
        path: The file.

    Raises:
        InputError: If a deflated one holds more than `MAX_INFLATED` bytes.
        Exception: Whatever pydicom or zlib raises for a damaged file.
    """
    from pydicom.filebase import DicomIO
    from pydicom.filereader import read_file_meta_info
    from pydicom.filewriter import write_file_meta_info
    from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian

    meta = read_file_meta_info(path)
    if meta.TransferSyntaxUID != DeflatedExplicitVRLittleEndian:
        return path.open("rb")
    meta_length = int(meta.FileMetaInformationGroupLength)  # as stated, before it is written anew
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    copy = tempfile.TemporaryFile()  # noqa: SIM115  # the caller closes it
    try:
        copy.write(bytes(128) + b"DICM")
        write_file_meta_info(DicomIO(copy), meta, enforce_standard=False)
        with path.open("rb") as file:
            file.seek(_BEFORE_META + meta_length)
            _inflate(file, copy, printable(path.name))
        copy.seek(0)
    except BaseException:
        copy.close()
        raise
    return copy


def _inflate(source: BinaryIO, target: BinaryIO, subject: str) -> None:
    """Inflate piece by piece, up to the limit."""
    inflater, size = zlib.decompressobj(-zlib.MAX_WBITS), 0
    content = source.read(_CHUNK)
    while content and not inflater.eof:
        piece = inflater.decompress(content, _CHUNK)
        target.write(piece)
        size += len(piece)
        limit = f"a deflated file of at most {MAX_INFLATED >> 20} MiB"
        require(size <= MAX_INFLATED, subject, limit, "a larger one")
        content = inflater.unconsumed_tail or source.read(_CHUNK)
    if not inflater.eof:
        raise ValueError("the file ends before its compressed part does")
