"""JPEG frames, whose colours the JPEG itself states better than the DICOM header does."""

from __future__ import annotations

import struct
from typing import Final, NamedTuple

from core.checks import require
from core.dicom.colours import to_rgb
from core.dicom.pixels import Array, require_extent

_FRAME_HEADS: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC} | {0xF7}
_LOSSLESS: Final = 0xC3
_ALONE: Final = frozenset({0x01, *range(0xD0, 0xD9)})  # markers without a length
_APP0, _APP14 = 0xE0, 0xEE
_END: Final = b"\xff\xd9"
_PADDING: Final = 64  # bytes at the end in which the end of the image has to be
_CHANNELS: Final = {1: "one channel", 3: "three colours"}


class JpegHead(NamedTuple):
    """What a JPEG states before its pixels.

    Attributes:
        process: Last byte of the frame head's marker: 0xC0 baseline, 0xC3 lossless, 0xF7 JPEG-LS.
        rows: Its height.
        columns: Its width.
        components: Their identifiers.
        colours: "RGB" or "YCBCR" if a marker or the identifiers say so, else "".
    """

    process: int
    rows: int
    columns: int
    components: bytes
    colours: str


def jpeg_head(content: bytes) -> JpegHead:
    """Read the marker segments of a JPEG (ITU-T T.81 B.1) up to its pixels.

    Raises:
        ValueError: If it is none.
    """
    marked, place = "", 2
    while True:
        if content[place : place + 1] != b"\xff":
            raise ValueError("no JPEG")
        marker = content[place + 1]
        if marker == 0xFF or marker in _ALONE:
            place += 1 if marker == 0xFF else 2
            continue
        [length] = struct.unpack(">H", content[place + 2 : place + 4])
        segment = content[place + 4 : place + 2 + length]
        if marker in _FRAME_HEADS:
            return _frame_head(marker, segment, marked)
        marked = _marked(marker, segment) or marked
        place += 2 + length


def require_end(content: bytes) -> None:
    """Raise a ValueError for a torn JPEG, which lacks the marker of its end."""
    if _END not in content[-_PADDING:]:
        raise ValueError("the JPEG has no end")


def _marked(marker: int, segment: bytes) -> str:
    """Return the colours that a JFIF or Adobe marker states."""
    if marker == _APP0 and segment[:4] == b"JFIF":
        return "YCBCR"
    if marker == _APP14 and segment[:5] == b"Adobe" and len(segment) > 11:
        return "YCBCR" if segment[11] else "RGB"
    return ""


def _frame_head(marker: int, segment: bytes, marked: str) -> JpegHead:
    _, rows, columns, count = struct.unpack(">BHHB", segment[:6])
    components = segment[6 : 6 + 3 * count : 3]
    return JpegHead(marker, rows, columns, components, marked or "RGB" * (components == b"RGB"))


def decode_jpeg(content: bytes, channels: int, untold: str, grey: bool, subject: str) -> Array:
    """Decode a JPEG frame: baseline, extended of 8 or 12 bits, progressive, lossless.

    A JFIF or Adobe marker says whether it is RGB or YBR: headers are often wrong, and converting
    by their word gives green images. Only where there is no marker does the header decide. Lossless
    JPEG knows no such conversion: its pixels come as they are stored.

    Args:
        content: The JPEG.
        channels: 1 or 3, as the header has it.
        untold: Photometric interpretation where the JPEG states none.
        grey: Whether only the brightness is wanted, which of YBR is one channel of three.
        subject: What error messages call the file.

    Returns:
        (H, W), or (H, W, 3) RGB; uint8, uint16 above 8 bits.

    Raises:
        InputError: If it has other channels, or a size that cannot be.
        ValueError, RuntimeError: If it is torn or no JPEG.
    """
    from imagecodecs import jpeg8_decode

    head = jpeg_head(content)
    require_extent(head.rows, head.columns, subject)
    came = len(head.components)
    require(
        came == channels,
        subject,
        f"a JPEG of {_CHANNELS[channels]}",
        _CHANNELS.get(came, f"{came} channels"),
    )
    require_end(content)  # the decoder would fill the rest with grey
    if channels == 1:
        return jpeg8_decode(content)
    if head.process == _LOSSLESS:
        stored = jpeg8_decode(content, colorspace="RGB", outcolorspace="RGB")  # as it is
        return to_rgb(stored, "RGB" if head.colours == "RGB" else untold)
    colours = head.colours or ("RGB" if untold == "RGB" else "YCBCR")
    if grey and colours == "YCBCR":
        return jpeg8_decode(content, colorspace=colours, outcolorspace="GRAYSCALE")
    return jpeg8_decode(content, colorspace=colours, outcolorspace="RGB")
