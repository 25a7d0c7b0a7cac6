"""The frames of a DICOM file, one by one, as 8-bit pixels in their right colours."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from core.checks import InputError, require
from core.dicom.codecs import IMAGES
from core.dicom.deflated import opened
from core.dicom.encapsulated import ImageFrames, StreamFrames
from core.dicom.grey import shown_grey
from core.dicom.header import header_of, reading
from core.dicom.lookup import palette_colours
from core.dicom.native import NativeFrames
from core.dicom.pixels import Array, Pixels, luma, require_extent, to_bytes
from core.dicom.stored import NATIVE, frame_extents, pixel_element
from core.dicom.streams import STREAMS, Stream
from core.files import printable

if TYPE_CHECKING:
    from pydicom import Dataset

_CHANNELS = {
    **dict.fromkeys(("MONOCHROME1", "MONOCHROME2", "PALETTE COLOR"), 1),
    **dict.fromkeys(("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_RCT", "YBR_ICT"), 3),
    **dict.fromkeys(("YBR_PARTIAL_420", "YBR_PARTIAL_422"), 3),
}
"""The photometric interpretations that are read, by their samples a pixel."""


class _Frames(Protocol):
    """Frames of one kind of encoding; `whole` are how many the file really holds."""

    whole: int

    def read(self, index: int, *, grey: bool) -> Array: ...


class DicomFrames:
    """A DICOM file whose frames are read when they are asked for; to be closed after use.

    Args:
        path: The file.
        also: Keywords of header elements to read besides those that pixels and spacing need.

    Attributes:
        header: What the file states.
        frames: How many frames it states.
        whole: How many it holds; fewer in a torn file.

    Raises:
        InputError: If the file is missing, damaged, no image, too large or too small, is encoded in
            a way that is not read, states no frame, or holds more than it states. Only of video
            streams more are let pass: those of interlaced ones may be counted by their halves.
    """

    def __init__(self, path: Path, *, also: Sequence[str] = ()) -> None:
        self._path = path
        with reading(path) as self._subject:
            self._file = opened(path)
            try:
                self.header = header_of(self._file, also)
                _require_image(self.header, self._subject)
                self.frames = _stated_frames(self.header, self._subject)
                self._frames = self._found()
                self._require_no_more()
            except BaseException:
                self._file.close()
                raise
        self.whole = self._frames.whole

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def shown(self, index: int, *, white_level: float | None = None, grey: bool = False) -> Pixels:
        """Return a frame as 8 bits a channel.

        Palettes are looked up, YBR becomes RGB, and grey is scaled as `core.dicom.grey.shown_grey`
        says. Overlays, supplemental palettes and colour profiles are not applied.

        Args:
            index: Which frame, from 0.
            white_level: Stored value that becomes white, for grey deeper than 8 bits; None goes by
                the file's own window or bits.
            grey: Whether colours are wanted as their brightness.

        Returns:
            (H, W) uint8 for grey, (H, W, 3) uint8 RGB for colour and palette images.

        Raises:
            InputError: If there is no such frame, or it is damaged.
        """
        with reading(self._path) as subject:
            require(
                0 <= index < self.frames, subject, f"a frame from 0 to {self.frames - 1}", index
            )
            values = self._frames.read(index, grey=grey)
            stated, came = (self.header.Rows, self.header.Columns), values.shape[:2]
            require(came == stated, subject, "{}x{} pixels".format(*stated), "{}x{}".format(*came))
            pixels = self._pixels(values, white_level, grey)
            return luma(pixels) if grey and pixels.ndim == 3 else pixels

    def _pixels(self, values: Array, white_level: float | None, grey: bool) -> Pixels:
        header, bits = self.header, int(self.header.BitsStored)
        if header.PhotometricInterpretation == "PALETTE COLOR":
            return palette_colours(values, header, self._subject)
        if values.ndim == 3:
            return to_bytes(values, 2.0**bits - 1, self._subject)
        if header.SamplesPerPixel == 3:
            return values  # the brightness of colours
        return shown_grey(_signed(values, header), header, white_level, self._subject)

    def _require_no_more(self) -> None:
        """Refuse a file of which frames would be left out without a word."""
        expected = f"{self.frames} frames as its header states"
        fits = self._frames.whole <= self.frames or isinstance(self._frames, StreamFrames)
        require(fits, self._subject, expected, f"{self._frames.whole} whole ones")

    def _found(self) -> _Frames:
        """Return the frames where they lie, or refuse an encoding by its name."""
        element = pixel_element(self._file, self.header, self._subject)
        encoding = self.header.file_meta.TransferSyntaxUID
        if encoding in NATIVE:
            return NativeFrames(self._file, element, self.header, self.frames)
        require(element.encapsulated, self._subject, "compressed frames in items", "plain numbers")
        if encoding in IMAGES:
            extents = frame_extents(self._file, element, self.header, self.frames)
            return ImageFrames(self._path, extents, self.header)
        if encoding in STREAMS:
            grouped = frame_extents(self._file, element, self.header, 1)
            return StreamFrames(Stream(self._path, tuple(chain.from_iterable(grouped))))
        expected = "an encoding that the installed decoders read"
        raise InputError(f"{self._subject}: expected {expected}, got {printable(encoding.name)}")


def _stated_frames(header: Dataset, subject: str) -> int:
    """Return Number of Frames (0028,0008), which stills need not have."""
    stated = header.get("NumberOfFrames")
    frames = 1 if stated in (None, "") else int(stated)
    require(frames >= 1, subject, "1 frame or more", frames)
    return frames


def _require_image(header: Dataset, subject: str) -> None:
    """Refuse what is no image, or one whose numbers contradict each other."""
    require("Rows" in header and "Columns" in header, subject, "an image", "DICOM without pixels")
    require_extent(int(header.Rows), int(header.Columns), subject)
    colours, channels = str(header.PhotometricInterpretation), int(header.SamplesPerPixel)
    known = f"one of {', '.join(_CHANNELS)}, of 1 or 3 samples a pixel"
    fits = _CHANNELS.get(colours) == channels
    require(fits, subject, known, f"{printable(colours)} of {channels}")
    allocated, stored = int(header.BitsAllocated), int(header.BitsStored)
    high = int(header.get("HighBit", stored - 1))
    fits = allocated in (8, 16) and 0 < stored <= allocated and high == stored - 1
    got = f"{stored} of {allocated}, the highest being bit {high}"
    require(fits, subject, "8 or 16 bits a pixel, the lowest of them in use", got)


def _signed(values: Array, header: Dataset) -> Array:
    """Return stored bits as the numbers they stand for, which may be below zero."""
    if values.dtype.kind == "i" or not int(header.get("PixelRepresentation") or 0):
        return values
    bits = 8 * values.dtype.itemsize
    unused = max(bits - int(header.BitsStored), 0)
    return (values.astype(f"u{bits // 8}") << unused).view(f"i{bits // 8}") >> unused
