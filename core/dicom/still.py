"""Reading one frame of a DICOM file as 8-bit pixels, in its right colours."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from core.checks import InputError, require
from core.dicom.grey import shown_grey
from core.dicom.header import read_header, reading
from core.dicom.jpeg import rgb_of_jpeg
from core.dicom.lookup import palette_colours
from core.dicom.pixels import Array, Pixels, require_extent, to_bytes
from core.files import printable

if TYPE_CHECKING:
    from pydicom import Dataset

_CHANNELS = {
    **dict.fromkeys(("MONOCHROME1", "MONOCHROME2", "PALETTE COLOR"), 1),
    **dict.fromkeys(("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_RCT", "YBR_ICT"), 3),
}
"""The photometric interpretations that are read, by their samples a pixel."""


def read_still(path: Path, *, frame: int = 0, white_level: float | None = None) -> Pixels:
    """Read one frame as 8 bits a channel; of a cine nothing but that frame is decoded.

    Palettes are looked up, YBR becomes RGB, and grey is scaled as `core.dicom.grey.shown_grey`
    says. Overlays, supplemental palettes and colour profiles are not applied.

    Args:
        path: The DICOM file.
        frame: Which frame, from 0.
        white_level: Stored value that becomes white, for grey deeper than 8 bits; None goes by the
            file's own window or bits.

    Returns:
        (H, W) uint8 for grey, (H, W, 3) uint8 RGB for colour and palette images.

    Raises:
        InputError: If the file is missing, damaged, no image, too large or too small, has no such
            frame, or is encoded in a way that is not read.
    """
    with reading(path) as subject:
        header = read_header(path)
        _require_image(header, frame, subject)
        _require_decoder(header, subject)
        values = _decoded(path, header, frame, subject)
        if header.PhotometricInterpretation == "PALETTE COLOR":
            return palette_colours(values, header, subject)
        if values.ndim == 3:
            return to_bytes(values, 2.0 ** int(header.BitsStored) - 1, subject)
        return shown_grey(values, header, white_level, subject)


def _require_image(header: Dataset, frame: int, subject: str) -> None:
    """Refuse what is no image, or one whose numbers contradict each other."""
    require("Rows" in header and "Columns" in header, subject, "an image", "DICOM without pixels")
    require_extent(int(header.Rows), int(header.Columns), subject)
    frames = _frames(header)
    require(0 <= frame < frames, subject, f"a frame from 0 to {frames - 1}", frame)
    colours, channels = str(header.PhotometricInterpretation), int(header.SamplesPerPixel)
    known = f"one of {', '.join(_CHANNELS)}, of 1 or 3 samples a pixel"
    fits = _CHANNELS.get(colours) == channels
    require(fits, subject, known, f"{printable(colours)} of {channels}")
    allocated, stored = int(header.BitsAllocated), int(header.BitsStored)
    high = int(header.get("HighBit", stored - 1))
    fits = allocated in (8, 16) and stored <= allocated and high == stored - 1
    got = f"{stored} of {allocated}, the highest being bit {high}"
    require(fits, subject, "8 or 16 bits a pixel, the lowest of them in use", got)


def _frames(header: Dataset) -> int:
    return int(header.get("NumberOfFrames") or 1)


def _require_decoder(header: Dataset, subject: str) -> None:
    """Refuse encodings, by their name, that nothing installed here decodes."""
    from pydicom.pixels.decoders.base import get_decoder

    encoding = header.file_meta.TransferSyntaxUID
    try:
        readable = get_decoder(encoding).is_available
    except NotImplementedError:
        readable = False
    if not readable:
        expected = "an encoding that the installed decoders read"
        raise InputError(f"{subject}: expected {expected}, got {printable(encoding.name)}")


def _decoded(path: Path, header: Dataset, frame: int, subject: str) -> Array:
    """Return grey values or palette indices (H, W), or RGB (H, W, 3), in the file's bits."""
    from pydicom.pixels.utils import pixel_array
    from pydicom.uid import JPEGBaseline8Bit, JPEGExtended12Bit

    encoding, colours = header.file_meta.TransferSyntaxUID, str(header.PhotometricInterpretation)
    if header.SamplesPerPixel == 3 and encoding in (JPEGBaseline8Bit, JPEGExtended12Bit):
        values = rgb_of_jpeg(path, frame, _frames(header), untold=colours, subject=subject)
    else:
        values = pixel_array(path, index=frame)  # YBR_FULL and YBR_FULL_422 come back as RGB
    stated, came = (header.Rows, header.Columns), values.shape[:2]
    require(came == stated, subject, "{}x{} pixels".format(*stated), "{}x{}".format(*came))
    return values
