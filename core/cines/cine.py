"""What a cine is, whatever kind of file it comes in."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from core.checks import require
from core.dicom.pixels import Pixels
from core.dicom.regions import Region
from core.dicom.spacing import Spacing


class Cine(ABC):
    """A moving image whose frames are read one by one, when they are asked for.

    Use it in a `with` statement, or close it. A still image is a cine of one frame.

    Attributes:
        name: Name of the file or folder, printable.
        frames: Number of frames, as `len` gives it.
        size: Rows and columns, the same for all frames.
        colour: Whether frames have three channels.
        fps: Frames a second as the file states them; NaN where it does not.
        spacing: Distance between pixels, or why it is unknown.
        regions: Parts of the image that a DICOM header tells apart; empty where unknown.
        maker: Manufacturer of the machine; "" where unknown.
        model: Its model; "" where unknown.
        subject: Patient ID of the file, a pseudonym once it is de-identified; "" where unknown.
        encoding: How the frames are stored, in words.
    """

    name: str
    frames: int
    size: tuple[int, int]
    colour: bool
    encoding: str
    fps: float = math.nan
    spacing: Spacing = Spacing.unknown("its kind of file states no pixel distance")
    regions: tuple[Region, ...] = ()
    maker: str = ""
    model: str = ""
    subject: str = ""

    def __len__(self) -> int:
        return self.frames

    def __getitem__(self, index: int) -> Pixels:
        """Return one frame.

        Args:
            index: From 0; negative ones count from the end.

        Returns:
            (H, W) uint8 for grey, (H, W, 3) uint8 RGB for colour.

        Raises:
            InputError: If the frame is damaged.
            IndexError: If there is no such frame.
        """
        if not -self.frames <= index < self.frames:
            raise IndexError(f"{self.name}: frame {index} of {self.frames}")
        pixels = self._read(index % self.frames)
        shape = (*self.size, 3) if self.colour else self.size
        require(pixels.shape == shape, self.name, f"frames of shape {shape}", pixels.shape)
        return pixels

    def __iter__(self) -> Iterator[Pixels]:
        """Yield the frames in order, which is the fast way for videos."""
        return (self[index] for index in range(self.frames))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:  # noqa: B027  # most hold nothing open
        """Give back what is held open; once is enough."""

    @abstractmethod
    def _read(self, index: int) -> Pixels:
        """Return the frame of an index that is known to be one."""
