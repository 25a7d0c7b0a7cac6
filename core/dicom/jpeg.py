"""Colour JPEG frames, whose colours the JPEG itself states better than the DICOM header does."""

from __future__ import annotations

from io import SEEK_CUR, BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from core.checks import require
from core.dicom.pixels import Pixels

_ELEMENT_HEAD = 12  # bytes: tag, kind and length, which come before the first item


def rgb_of_jpeg(path: Path, frame: int, frames: int, *, untold: str, subject: str) -> Pixels:
    """Decode one colour JPEG frame of a DICOM file as RGB.

    A JFIF or Adobe marker in the JPEG says whether it is RGB or YBR, and the decoder follows it:
    headers are often wrong, and converting once more by their word gives green images. Only where
    there is no marker does the header decide.

    Args:
        path: The DICOM file.
        frame: Which frame, from 0.
        frames: How many there are.
        untold: Photometric interpretation where the JPEG states none.
        subject: What error messages call the file.

    Returns:
        (H, W, 3) uint8.

    Raises:
        InputError: If the frame is no colour JPEG.
    """
    content = BytesIO(_frame_bytes(path, frame, frames))
    with Image.open(content, formats=("JPEG",)) as image:
        require(image.mode == "RGB", subject, "a JPEG of three colours", f"mode {image.mode}")
        if untold == "RGB" and not {"jfif", "adobe"}.intersection(image.info):
            image.draft("YCbCr", image.size)  # leaves the three channels as they are
        return np.array(image)


def _frame_bytes(path: Path, frame: int, frames: int) -> bytes:
    """Return an encoded frame; the others stay on the disk."""
    from pydicom import dcmread
    from pydicom.encaps import get_frame

    with path.open("rb") as file:
        dcmread(file, stop_before_pixels=True, specific_tags=["Rows"])
        file.seek(_ELEMENT_HEAD, SEEK_CUR)
        return get_frame(file, frame, number_of_frames=frames)
