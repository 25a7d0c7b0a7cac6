"""The pictures that show whether all copies are black where they should be (thesis, Fig 3.2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from core.checks import InputError, RunError
from core.cines import Cine, open_cine
from core.deidentify.pixels import Inside, inside_of
from core.deidentify.verify import strangers
from core.dicom.pixels import Pixels
from core.dicom.regions import Region

_BRIGHT: Final = 32  # grey levels; what is above is seen


class Kind(NamedTuple):
    """What copies have in common that are laid over each other, never resized."""

    maker: str
    model: str
    size: tuple[int, int]
    regions: tuple[Region, ...]


@dataclass
class Overlay:
    """All frames of all copies of one kind, as they were written and read again.

    Attributes:
        kind: What they have in common.
        inside: (H, W) of what is kept.
        files: Number of copies.
        frames: Number of frames.
        maximum: (H, W) uint8, of all frames and channels; outside it has to be 0.
        bright: (H, W), in how many frames a pixel was above 32.
    """

    kind: Kind
    inside: Inside
    files: int = 0
    frames: int = 0
    maximum: Pixels = field(init=False)
    bright: npt.NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        self.maximum = np.zeros(self.kind.size, np.uint8)
        self.bright = np.zeros(self.kind.size, np.int64)

    def add(self, cine: Cine) -> None:
        """Lay all frames of a copy over the others."""
        self.files += 1
        for frame in cine:
            level = frame.max(axis=2) if frame.ndim == 3 else frame
            np.maximum(self.maximum, level, out=self.maximum)
            self.bright += level > _BRIGHT
            self.frames += 1

    @property
    def outside(self) -> int:
        """The brightest pixel where all should be black."""
        return int(self.maximum[~self.inside].max(initial=0))

    @property
    def persistence(self) -> Pixels:
        """(H, W) uint8: the share of frames in which a pixel was bright, 255 = all of them."""
        return np.rint(255 * self.bright / max(self.frames, 1)).astype(np.uint8)


def overlay_copies(paths: Iterable[Path], *, top_rows: int = 0) -> list[Overlay]:
    """Read all copies again and lay those of one kind over each other.

    Args:
        paths: The copies.
        top_rows: Rows at the top that were blanked beside.

    Returns:
        An overlay a kind, that with the most files first.

    Raises:
        RunError: If a copy cannot be read again, or holds an element that it must not.
    """
    overlays: dict[Kind, Overlay] = {}
    for path in paths:
        try:
            _add(path, overlays, top_rows)
        except InputError as error:
            raise RunError(f"the copy {path.name} cannot be read again: {error}") from error
    return sorted(overlays.values(), key=lambda overlay: -overlay.files)


def _add(path: Path, overlays: dict[Kind, Overlay], top_rows: int) -> None:
    if foreign := strangers(path):
        raise RunError(f"the copy {path.name} holds what it must not: {', '.join(foreign)}")
    with open_cine(path) as cine:
        kind = Kind(cine.maker, cine.model, cine.size, cine.regions)
        if kind not in overlays:
            inside = inside_of(cine.size, cine.regions, top_rows=top_rows)
            overlays[kind] = Overlay(kind, inside)
        overlays[kind].add(cine)
