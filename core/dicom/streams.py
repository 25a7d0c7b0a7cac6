"""Video streams, alone in a file or inside of a DICOM file; to be called in the worker process."""

from __future__ import annotations

import io
import math
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from core.dicom.pixels import Array, require_extent
from core.dicom.stored import Extent
from core.files import printable

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

STREAMS: Final = frozenset(f"1.2.840.10008.1.2.4.{number}" for number in range(100, 109))
"""Transfer syntaxes of one video stream: MPEG-2, H.264 and H.265."""

_OPTIONS: Final = {
    "format_whitelist": "avi,mov,matroska,mpeg,mpegts,mpegvideo,h264,hevc",  # none that names files
    "protocol_whitelist": "pipe",
}
_OPEN: Final = 4  # streams that are kept open, each where it was left


class Stream(NamedTuple):
    """A video stream: a file, or pieces of one."""

    path: Path
    extents: tuple[Extent, ...] = ()


class StreamFacts(NamedTuple):
    """What a stream states, and how many frames it really holds."""

    declared: int
    frames: int
    size: tuple[int, int]
    colour: bool
    fps: float
    encoding: str

    @classmethod
    def checked(cls, told: Any) -> StreamFacts:
        """Return facts as they came from the worker process.

        Raises:
            ValueError: If they are none.
            TypeError: If they are none.
        """
        declared, frames, (height, width), colour, fps, encoding = told
        size = int(height), int(width)
        words = printable(encoding)
        return cls(int(declared), int(frames), size, bool(colour), float(fps), words)


def stream_facts(source: Stream) -> StreamFacts:
    """Read what a stream states and count its frames; nothing is decoded.

    Args:
        source: The stream.

    Returns:
        Its facts; `fps` NaN where it is not stated. A Matroska file states no number of frames,
        but how long it is: `declared` is then what that would be in frames.

    Raises:
        InputError: If its frames have a size that cannot be.
        Exception: Whatever PyAV raises for a damaged one.
    """
    with _container(source) as container:
        stream = container.streams.video[0]
        require_extent(stream.height, stream.width, printable(source.path.name))
        codec = stream.codec_context
        frames, end = 0, 0.0
        for packet in container.demux(stream):
            if packet.size and not packet.is_discard:
                frames += 1
                end = max(end, _end_seconds(packet))
        return StreamFacts(
            declared=stream.frames or frames + _missing(container, end),
            frames=frames,
            size=(stream.height, stream.width),
            colour=not str(codec.pix_fmt).startswith("gray"),
            fps=float(stream.average_rate or math.nan),
            encoding=str(codec.name),
        )


def _end_seconds(packet: Packet[VideoStream]) -> float:
    """Return when its frame is over; 0 where that is not stated."""
    usual = 1 / (packet.stream.average_rate or 1)  # where it does not state its own duration
    base = packet.time_base or 0
    return float((packet.pts or 0) * base + ((packet.duration or 0) * base or usual))


def _missing(container: InputContainer, end: float) -> int:
    """Return how many frames a Matroska file lacks at its end by the length that it states."""
    stream = container.streams.video[0]
    clock = stream.metadata.get("DURATION", "").split(":")  # of the track; hours:minutes:seconds
    if "matroska" not in container.format.name or len(clock) != 3:
        return 0
    hours, minutes, seconds = map(float, clock)
    lacking = 3600 * hours + 60 * minutes + seconds - end
    return max(round(lacking * float(stream.average_rate or 0)), 0)


def stream_frame(source: Stream, index: int, grey: bool) -> Array:
    """Decode up to a frame. Going on from the last one is fast; going back starts anew.

    Args:
        source: The stream.
        index: Which frame, from 0.
        grey: Whether its brightness is wanted instead of its colours.

    Returns:
        (H, W, 3) uint8 RGB, or (H, W) uint8.

    Raises:
        ValueError: If the stream ends before, or the frame is damaged.
        Exception: Whatever PyAV raises.
    """
    reader = _readers.pop(source, None)
    if reader is None or reader.next > index:
        reader = _Reader(source)
    frame = reader.read(index)
    _readers[source] = reader  # the last one used, at the end; after an error it is gone
    while len(_readers) > _OPEN:
        _readers.popitem(last=False)
    return frame.to_ndarray(format="gray" if grey else "rgb24")


class _Reader:
    """An open stream and the number of its next frame."""

    def __init__(self, source: Stream) -> None:
        self.next = 0
        self._frames = _decoded(source)

    def read(self, index: int) -> VideoFrame:
        for frame in self._frames:
            self.next += 1
            if self.next > index:
                if frame.is_corrupt:
                    raise ValueError(f"frame {index} is damaged")
                return frame
        raise ValueError(f"the stream ends after {self.next} frames")


_readers: OrderedDict[Stream, _Reader] = OrderedDict()


def _decoded(source: Stream) -> Iterator[VideoFrame]:
    with _container(source) as container:
        stream = container.streams.video[0]
        stream.thread_type = "NONE"
        stream.codec_context.options = {"err_detect": "explode"}  # rather than to guess what it was
        yield from container.decode(video=0)


def _container(source: Stream) -> Any:
    import av

    file = _Joined(source) if source.extents else source.path.open("rb")
    return av.open(file, options=_OPTIONS)


class _Joined(io.RawIOBase):
    """Pieces of a file as one that can be read and sought in; nothing is copied."""

    def __init__(self, source: Stream) -> None:
        self._file = source.path.open("rb")
        self._extents, self._place = source.extents, 0
        self._length = sum(length for _, length in source.extents)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._length}[whence]
        self._place = max(base + offset, 0)
        return self._place

    def readinto(self, buffer: Any) -> int:
        before = 0
        for start, length in self._extents:
            if self._place < before + length:
                self._file.seek(start + self._place - before)
                content = self._file.read(min(len(buffer), before + length - self._place))
                buffer[: len(content)] = content
                self._place += len(content)
                return len(content)
            before += length
        return 0

    def close(self) -> None:
        self._file.close()
        super().close()
