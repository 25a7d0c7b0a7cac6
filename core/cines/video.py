"""Cines in AVI, MP4, MOV and MKV files."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from core.checks import InputError, require
from core.cines.cine import Cine
from core.dicom.encapsulated import StreamFrames
from core.dicom.isolated import DecodingError
from core.dicom.pixels import Pixels
from core.dicom.streams import Stream
from core.files import printable

VIDEOS: Final = frozenset({".avi", ".mp4", ".m4v", ".mov", ".mkv"})


class VideoCine(Cine):
    """A video file, of its first video track.

    Frames in order are read fast; going back starts at the beginning of the file. A video counts as
    colour unless it is stored as grey. Damage is told where the decoder sees it: that of FFV1 puts
    the frame before in its place without a word, and uncompressed frames show no damage.

    Args:
        path: The file.
        grey: Whether frames come as grey levels whatever their colours.

    Raises:
        InputError: If it is damaged, or holds fewer frames than it states.
    """

    def __init__(self, path: Path, *, grey: bool = False) -> None:
        self.name, self._grey = printable(path.name), grey
        try:
            self._frames = StreamFrames(Stream(path))
        except DecodingError as error:
            raise InputError(f"{self.name}: expected a whole video, got ({error})") from error
        facts = self._frames.facts
        self.frames, self.size, self.fps = facts.frames, facts.size, facts.fps
        self.colour, self.encoding = facts.colour and not grey, facts.encoding
        expected = f"{max(facts.declared, 1)} whole frames"
        require(self.frames >= max(facts.declared, 1), self.name, expected, self.frames)

    def _read(self, index: int) -> Pixels:
        try:
            return self._frames.read(index, grey=self._grey)
        except DecodingError as error:
            raise InputError(
                f"{self.name}: expected a whole frame {index}, got one that is not ({error})"
            ) from error
