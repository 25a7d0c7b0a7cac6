"""Grey levels as a DICOM header wants them shown, in 8 bits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.checks import require
from core.dicom.lookup import values_of_interest
from core.dicom.pixels import Array, Pixels, to_bytes

if TYPE_CHECKING:
    from pydicom import Dataset


def shown_grey(values: Array, header: Dataset, white_level: float | None, subject: str) -> Pixels:
    """Return stored grey values as 8-bit levels, black 0 and white 255.

    Up to 8 stored bits they are taken as they lie, over their full range: ultrasound is stored as
    it was shown. Deeper ones are scaled from `white_level` if it is given, else by the first VOI
    look-up table, else by the first window, else over the full range of the stored bits.
    MONOCHROME1 stores white as 0 and is inverted at the end.

    Args:
        values: (H, W) integers.
        header: What the file states of them.
        white_level: Stored value that becomes white, for values deeper than 8 bits.
        subject: What error messages call the file.

    Raises:
        InputError: If values are out of range, or a window has no width.
    """
    bits = int(header.BitsStored)
    if bits <= 8 or (white_level is None and not _has_window(header)):
        white_level = 2.0 ** (bits - int(header.PixelRepresentation)) - 1
    if white_level is None:
        levels = to_bytes(_shares(values, header, subject), 1, subject)
    else:
        levels = to_bytes(values, white_level, subject)
    return 255 - levels if header.PhotometricInterpretation == "MONOCHROME1" else levels


def _has_window(header: Dataset) -> bool:
    stated = (header.get("VOILUTSequence"), header.get("WindowCenter"))
    return any(value not in (None, "") for value in stated)


def _shares(values: Array, header: Dataset, subject: str) -> Array:
    """Return the values' place in the VOI look-up table or window, 0..1."""
    from pydicom.pixels.processing import apply_modality_lut

    values = apply_modality_lut(values, header)
    if tables := header.get("VOILUTSequence"):
        little_endian = header.file_meta.TransferSyntaxUID.is_little_endian
        return values_of_interest(values, tables[0], little_endian)
    window = (header[key].value for key in ("WindowCenter", "WindowWidth"))
    centre, width = (float(np.atleast_1d(np.asarray(value, float))[0]) for value in window)
    require(width > 0, subject, "a window of positive width", width)
    return windowed(values, centre, width, header.get("VOILUTFunction") or "LINEAR")


def windowed(values: Array, centre: float, width: float, function: str) -> Array:
    """Return the place of values in a window (PS3.3 C.11.2.1.2 and C.11.2.1.3).

    Args:
        values: Numbers.
        centre: Window Center.
        width: Window Width, above 0.
        function: LINEAR, LINEAR_EXACT or SIGMOID.

    Returns:
        float64, 0 = black, 1 = white.
    """
    values = values.astype(np.float64)
    if function == "SIGMOID":
        return 1 / (1 + np.exp(-4 * (values - centre) / width))
    if function == "LINEAR":  # its window runs from the middle of the first value to the last's
        centre, width = centre - 0.5, max(width - 1, 1e-6)
    return np.clip((values - centre) / width + 0.5, 0, 1)
