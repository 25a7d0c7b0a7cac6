"""Headers of DICOM files: only what pixels and their spacing need, nothing of a person."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from core.checks import InputError
from core.dicom.deflated import opened
from core.dicom.pixels import reason_of
from core.files import printable

if TYPE_CHECKING:  # pydicom is imported when the first DICOM file comes
    from pydicom import Dataset

SUFFIXES = frozenset({".dcm", ".dicom", ".ima"})

_PALETTE = [
    f"{kind}{colour}PaletteColorLookupTable{part}"
    for colour in ("Red", "Green", "Blue")
    for kind, part in (("", "Descriptor"), ("", "Data"), ("Segmented", "Data"))
]
_WANTED = [
    *("NumberOfFrames", "SamplesPerPixel", "PhotometricInterpretation", "Rows", "Columns"),
    *("BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation"),
    *("PlanarConfiguration", "ExtendedOffsetTable"),
    *("WindowCenter", "WindowWidth", "VOILUTFunction", "VOILUTSequence"),
    *("RescaleSlope", "RescaleIntercept", "ModalityLUTSequence"),
    *("SequenceOfUltrasoundRegions", "PixelSpacing", *_PALETTE),
]

logging.getLogger("pydicom").propagate = False  # its log may quote what a header says of a person


def is_dicom(path: Path) -> bool:
    """Return whether a file is DICOM by its content ("DICM" behind 128 bytes) or by its suffix."""
    if path.suffix.lower() in SUFFIXES:
        return True
    try:
        with path.open("rb") as file:
            return file.read(132)[128:] == b"DICM"
    except OSError:  # whoever reads it says what is wrong
        return False


@contextmanager
def reading(path: Path) -> Iterator[str]:
    """Turn whatever goes wrong with a file into one line.

    pydicom and the decoders raise a dozen kinds of errors for damaged files; nothing of that, and
    no warning, gets out of here.

    Args:
        path: The DICOM file.

    Yields:
        What error messages call the file.

    Raises:
        InputError: Instead of every other exception.
    """
    subject = printable(path.name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield subject
    except InputError:
        raise
    except Exception as error:
        expected = "expected a whole, readable DICOM file, got one that is not"
        raise InputError(f"{subject}: {expected} ({reason_of(error)})") from error


def read_header(path: Path) -> Dataset:
    """Read what a DICOM file states of its pixels and their spacing.

    Raises:
        InputError: If it is no DICOM file, or is damaged.
    """
    with reading(path), opened(path) as file:
        return header_of(file)


def header_of(file: BinaryIO, also: Sequence[str] = ()) -> Dataset:
    """Read an open DICOM file up to its pixels.

    Args:
        file: As `core.dicom.deflated.opened` gives it.
        also: Keywords of further elements to read.

    Raises:
        Exception: Whatever pydicom raises for a damaged file; see `reading`.
    """
    from pydicom import dcmread

    return dcmread(file, stop_before_pixels=True, specific_tags=[*_WANTED, *also])
