"""Cines in DICOM files."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from core.checks import require
from core.cines.cine import Cine
from core.dicom.frames import DicomFrames
from core.dicom.header import reading
from core.dicom.pixels import Pixels
from core.dicom.regions import regions_of
from core.dicom.spacing import positive, spacing_mm
from core.files import printable

if TYPE_CHECKING:
    from pydicom import Dataset

_RATES: Final = ("RecommendedDisplayFrameRate", "CineRate")
_TIMES: Final = ("FrameTime", "FrameTimeVector")
_WORDS: Final = ("Manufacturer", "ManufacturerModelName", "PatientID")


class DicomCine(Cine):
    """A cine, or a still, in a DICOM file.

    Args:
        path: The file.
        grey: Whether frames come as grey levels whatever their colours.

    Raises:
        InputError: If the file is damaged, holds fewer frames than it states, or is one that
            `core.dicom.frames.DicomFrames` refuses.
    """

    def __init__(self, path: Path, *, grey: bool = False) -> None:
        self._frames, self._grey = DicomFrames(path, also=(*_RATES, *_TIMES, *_WORDS)), grey
        try:
            with reading(path) as self.name:
                self._describe(self._frames.header)
            whole = f"{self.frames} whole frames"
            require(self._frames.whole >= self.frames, self.name, whole, self._frames.whole)
        except BaseException:
            self.close()
            raise

    def _describe(self, header: Dataset) -> None:
        self.frames = self._frames.frames
        self.size = int(header.Rows), int(header.Columns)
        self.colour = not self._grey and not header.PhotometricInterpretation.startswith("MONO")
        self.encoding = printable(header.file_meta.TransferSyntaxUID.name)
        self.fps = fps_of(header)
        self.spacing, self.regions = spacing_mm(header), regions_of(header)
        words = (printable(header.get(key) or "").strip() for key in _WORDS)
        self.maker, self.model, self.subject = words

    def _read(self, index: int) -> Pixels:
        return self._frames.shown(index, grey=self._grey)

    def close(self) -> None:
        """Close the file."""
        self._frames.close()


def fps_of(header: Dataset) -> float:
    """Return the frames a second: of the time between frames, else the rate of display, else NaN.

    Args:
        header: Of which Frame Time (0018,1063), Frame Time Vector (0018,1065; its mean), both in
            milliseconds, Recommended Display Frame Rate (0008,2144) and Cine Rate (0018,0040) are
            looked at, in this order.
    """
    vector = np.atleast_1d(np.asarray(header.get("FrameTimeVector") or [], object))[1:]
    mean = sum(map(positive, vector)) / len(vector) if len(vector) else math.nan
    found = [1000 / positive(header.get("FrameTime")), 1000 / positive(mean)]
    found += [positive(header.get(key)) for key in _RATES]
    return next((fps for fps in found if not math.isnan(fps)), math.nan)
