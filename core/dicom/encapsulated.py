"""Compressed frames of a DICOM file, decoded in the worker process."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.checks import InputError
from core.dicom.codecs import Encoded, decode, decode_several
from core.dicom.isolated import DecodingError, isolated
from core.dicom.pixels import Array
from core.dicom.stored import Extent
from core.dicom.streams import Stream, StreamFacts, stream_facts, stream_frame

if TYPE_CHECKING:
    from pydicom import Dataset

_AHEAD: Final = 8  # frames
_AHEAD_BYTES: Final = 2**25
_SECONDS: Final = 2.0
_SECONDS_OPENING: Final = 30.0  # which reads a whole video file once
_SECONDS_A_PIXEL: Final = 1e-6  # ten times what JPEG 2000, the slowest, needs


class ImageFrames:
    """Frames that are images of their own.

    Args:
        path: The file.
        extents: The pieces of each frame in it.
        header: What the file states of them.
    """

    def __init__(self, path: Path, extents: list[list[Extent]], header: Dataset) -> None:
        self._path, self._extents = path.absolute(), extents
        size = int(header.Rows), int(header.Columns)
        self._shape = (*size, 3) if header.SamplesPerPixel == 3 else size
        self._colours = str(header.PhotometricInterpretation)
        self._encoding = str(header.file_meta.TransferSyntaxUID)
        self._bits = int(header.BitsAllocated)
        length = path.stat().st_size
        self.whole = sum(all(start + size <= length for start, size in e) for e in extents)

        self._next, self._ahead = 0, dict[tuple[int, bool], Array]()

    def read(self, index: int, *, grey: bool) -> Array:
        """Return (H, W) stored values, or (H, W, 3) RGB, of the file's bits.

        Frames in order are decoded a few at a time: two processes that take turns over every frame
        wait for each other most of the time on a busy machine.
        """
        if (index, grey) not in self._ahead:
            self._ahead = self._decoded_ahead(index, grey) if index == self._next else {}
        self._next = index + 1
        if (index, grey) in self._ahead:
            return self._ahead.pop((index, grey))
        pixels: Array = isolated(decode, self._encoded(index, grey), seconds=self._seconds)
        return pixels

    def _decoded_ahead(self, index: int, grey: bool) -> dict[tuple[int, bool], Array]:
        """Return the next frames; none if one of them fails: each will then speak for itself."""
        fitting = max(_AHEAD_BYTES // (math.prod(self._shape) * self._bits // 8), 1)
        ahead = range(index, min(index + min(_AHEAD, fitting), len(self._extents)))
        frames = [self._encoded(number, grey) for number in ahead]
        try:
            pixels: list[Array] = isolated(
                decode_several, frames, seconds=self._seconds * len(frames)
            )
        except (DecodingError, InputError):
            return {}
        return {(number, grey): frame for number, frame in zip(ahead, pixels, strict=True)}

    @property
    def _seconds(self) -> float:
        return _SECONDS + _SECONDS_A_PIXEL * math.prod(self._shape)

    def _encoded(self, index: int, grey: bool) -> Encoded:
        if index >= len(self._extents):
            raise ValueError(f"it holds {len(self._extents)} frames")
        return Encoded(
            path=self._path,
            extents=tuple(self._extents[index]),
            encoding=self._encoding,
            colours=self._colours,
            shape=self._shape,
            bits=self._bits,
            grey=grey,
        )


class StreamFrames:
    """Frames of a video stream.

    Args:
        stream: A file, or its part.

    Attributes:
        facts: What the stream states.
        whole: How many frames it holds.

    Raises:
        InputError: If its frames have a size that cannot be.
        DecodingError: If it is damaged.
    """

    def __init__(self, stream: Stream) -> None:
        self._stream = stream._replace(path=stream.path.absolute())
        told = isolated(stream_facts, self._stream, seconds=_SECONDS_OPENING)
        try:
            self.facts = StreamFacts.checked(told)
        except (TypeError, ValueError, OverflowError) as error:
            raise DecodingError("the decoder answers nonsense") from error
        self.whole = self.facts.frames

    def read(self, index: int, *, grey: bool) -> Array:
        """Return (H, W, 3) uint8 RGB, or (H, W) if it is wanted grey or has no colours."""
        height, width = self.facts.size
        grey = grey or not self.facts.colour
        seconds = _SECONDS + _SECONDS_A_PIXEL * height * width * (index + 1)
        pixels: Array = isolated(stream_frame, self._stream, index, grey, seconds=seconds)
        return pixels
