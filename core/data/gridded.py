"""A source on the network's grid: what a cache must hold for parts of images to be plain views."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import core.grids
from core.data.dataset import as_channels
from core.data.digests import digest, file_digests
from core.data.sources.base import RawSample, Source
from core.grids import Grid


class GriddedSource(Source):
    """Image and mask of another source, laid on a grid; all else that a sample has stays behind.

    Args:
        source: Where samples come from.
        grid: What they are laid on.
        channels: 1 turns colour images grey, 3 repeats grey ones.
    """

    def __init__(self, source: Source, grid: Grid, *, channels: int = 1) -> None:
        self.source, self.grid, self.channels = source, grid, channels
        self.table, self.simulated = source.table, source.simulated

    def __getitem__(self, index: int) -> RawSample:
        raw = self.source[index]
        laid = {"image": self.grid.lay_image(as_channels(raw["image"], self.channels))}
        if "mask" in raw:
            laid["mask"] = self.grid.lay_mask(raw["mask"])
        return laid

    @cached_property
    def fingerprint(self) -> str:
        """Hex digest of the source's, the grid, and the code that lays images on it."""
        code = file_digests([Path(core.grids.__file__)])
        parameters = repr((self.grid, self.channels))
        return digest([type(self).__name__, self.source.fingerprint, parameters, *code])
