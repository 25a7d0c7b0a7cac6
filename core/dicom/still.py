"""Reading one frame of a DICOM file as 8-bit pixels, in its right colours."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from core.dicom.frames import DicomFrames
from core.dicom.pixels import Pixels


def read_still(path: Path, *, frame: int = 0, white_level: float | None = None) -> Pixels:
    """Read one frame as 8 bits a channel; of a cine nothing but that frame is decoded.

    Args:
        path: The DICOM file.
        frame: Which frame, from 0.
        white_level: Stored value that becomes white, for grey deeper than 8 bits; None goes by the
            file's own window or bits.

    Returns:
        (H, W) uint8 for grey, (H, W, 3) uint8 RGB for colour and palette images; see
        `core.dicom.frames.DicomFrames.shown`.

    Raises:
        InputError: If the file is missing, damaged, no image, too large or too small, has no such
            frame, or is encoded in a way that is not read.
    """
    with closing(DicomFrames(path)) as frames:
        return frames.shown(frame, white_level=white_level)
