"""Decoding compressed frames of DICOM files; to be called in the worker process."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from core.checks import require
from core.dicom.colours import to_rgb
from core.dicom.jpeg import decode_jpeg, require_end
from core.dicom.pixels import Array, luma
from core.dicom.stored import Extent, read_pieces
from core.files import printable

_JPEG: Final = tuple(f"1.2.840.10008.1.2.4.{number}" for number in (50, 51, 57, 70))
_JPEG_LS: Final = tuple(f"1.2.840.10008.1.2.4.{number}" for number in (80, 81))
_JPEG_2000: Final = tuple(f"1.2.840.10008.1.2.4.{number}" for number in (90, 91, 201, 202, 203))
_JPEG_XL: Final = tuple(f"1.2.840.10008.1.2.4.{number}" for number in (110, 111, 112))
_RLE: Final = "1.2.840.10008.1.2.5"
IMAGES: Final = frozenset({*_JPEG, *_JPEG_LS, *_JPEG_2000, *_JPEG_XL, _RLE})
"""Transfer syntaxes whose frames are images of their own."""


class Encoded(NamedTuple):
    """A compressed frame: where it lies, and what the header states of it.

    Attributes:
        path: The file.
        extents: The frame's pieces in it.
        encoding: Transfer syntax UID.
        colours: Photometric interpretation.
        shape: (rows, columns), or (rows, columns, 3).
        bits: Allocated to a sample, 8 or 16.
        grey: Whether colours are wanted as their brightness.
    """

    path: Path
    extents: tuple[Extent, ...]
    encoding: str
    colours: str
    shape: tuple[int, ...]
    bits: int
    grey: bool


def decode(frame: Encoded) -> Array:
    """Decode a frame.

    Returns:
        (H, W) grey values or palette indices, or (H, W, 3) RGB, in the bits of the file; (H, W)
        uint8 if the brightness of colours is wanted and they have 8 bits.

    Raises:
        InputError: If it is not what the header says.
        Exception: Whatever a decoder raises for damaged frames.
    """
    values = _decoded(frame, read_pieces(frame.path, frame.extents))
    subject = printable(frame.path.name)
    expected, came = ("{}x{} pixels".format(*shape) for shape in (frame.shape, values.shape))
    require(values.shape[:2] == frame.shape[:2], subject, expected, came)
    brightness = frame.grey and values.ndim == 3 and values.dtype == np.uint8
    return luma(values) if brightness else values


def decode_several(frames: Sequence[Encoded]) -> list[Array]:
    """Decode frames."""
    return [decode(frame) for frame in frames]


def _decoded(frame: Encoded, content: bytes) -> Array:
    import imagecodecs

    channels = len(frame.shape) // 3 * 2 + 1
    if frame.encoding in _JPEG:
        subject = printable(frame.path.name)
        return decode_jpeg(content, channels, frame.colours, frame.grey, subject)
    if frame.encoding == _RLE:
        return to_rgb(_run_lengths(frame, content), frame.colours)
    decoders: dict[tuple[str, ...], Any] = {
        _JPEG_LS: imagecodecs.jpegls_decode,
        _JPEG_2000: imagecodecs.jpeg2k_decode,
        _JPEG_XL: imagecodecs.jpegxl_decode,
    }
    if frame.encoding in _JPEG_LS:
        require_end(content)  # looking for it in vain takes the decoder seconds
    [decoder] = [call for encodings, call in decoders.items() if frame.encoding in encodings]
    values = decoder(content)
    return to_rgb(values, frame.colours) if channels == 3 else values


def _run_lengths(frame: Encoded, content: bytes) -> Array:
    """Decode the segments of PS3.5 annex G, which hold the channels one behind the other."""
    from imagecodecs import dicomrle_decode

    values = np.frombuffer(dicomrle_decode(content, f"<u{frame.bits // 8}"), f"<u{frame.bits // 8}")
    if len(frame.shape) == 2:
        return values.reshape(frame.shape)
    return np.moveaxis(values.reshape(3, *frame.shape[:2]), 0, -1)
