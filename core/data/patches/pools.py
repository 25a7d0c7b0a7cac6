"""Patch splitting (DA-GAN, Huang et al., ISBI 2021, Section 2.1): clean and corrupted patches.

A patch is corrupted where its mean vertical edge is high, clean where it is low, and neither in
between. So one set of images gives both sides of an unpaired training.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import cv2
import numpy as np
import numpy.typing as npt
import pandas as pd

from core.checks import require
from core.data.dataset import as_channels
from core.data.patches.table import Ints, PatchTable
from core.data.sources.base import Source
from core.edges import EdgeMeasure

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Patches:
    """How images on the network's grid are cut into patches, and when a patch is clean.

    Patches stand `stride` apart from the upper left; where a rest of the image would stay out, one
    more stands flush with the border.

    Attributes:
        size: Rows and columns of a patch.
        stride: Pixels from one patch to the next.
        edge: Measures the vertical edges; over whole images, so that the border of a patch is none.
        clean_below: Patches whose mean edge is at most this are clean: beta_p of Eq. 1, in grey
            levels of 0 to 255.
        corrupted_above: Those at least this are corrupted: beta_n of Eq. 1.
        average: "patch" averages the edge over all pixels of a patch, as Eq. 1 does; "tissue" over
            those that are not black.
        background: "exclude" uses no patch that is mostly black: it has no edges, and would count
            as clean. "keep" takes Eq. 1 to the letter.
        most_background: Largest share of black pixels that a used patch may have.
        black_up_to: Highest grey level that counts as black.

    Raises:
        InputError: If a number is out of its range, or `clean_below` above `corrupted_above`.
    """

    size: int = 96
    stride: int = 48
    edge: EdgeMeasure = field(default_factory=EdgeMeasure)
    clean_below: float = 2.0
    corrupted_above: float = 4.0
    average: Literal["patch", "tissue"] = "patch"
    background: Literal["exclude", "keep"] = "exclude"
    most_background: float = 0.5
    black_up_to: int = 0

    def __post_init__(self) -> None:
        """Refuse what makes no sense."""
        high = self.corrupted_above
        for name, allowed, expected in (
            ("size", self.size > 0, "a positive number"),
            ("stride", self.stride > 0, "a positive number"),
            ("clean_below", self.clean_below <= high, f"at most corrupted_above, {high}"),
            ("average", self.average in ("patch", "tissue"), "patch or tissue"),
            ("background", self.background in ("exclude", "keep"), "exclude or keep"),
            ("most_background", 0 <= self.most_background <= 1, "a share from 0 to 1"),
            ("black_up_to", 0 <= self.black_up_to < 255, "a grey level from 0 to 254"),
        ):
            require(allowed, f"data.patches.{name}", expected, getattr(self, name))

    def places(self, size: tuple[int, int]) -> tuple[Ints, Ints]:
        """Return the first rows and the first columns of the patches of an image of this size.

        Raises:
            InputError: If a patch is larger than that.
        """
        side, smaller = self.size, min(size)
        expected = f"at most the grid's smaller side, {smaller}"
        require(side <= smaller, "data.patches.size", expected, side)
        tops, lefts = (np.append(np.arange(0, n - side, self.stride), n - side) for n in size)
        return tops, lefts

    def split(self, source: Source, rows: Ints) -> PatchTable:
        """Cut these rows of a source into patches, and part them.

        Args:
            source: Its images lie on the network's grid.
            rows: Rows to cut.

        Raises:
            InputError: If patches are larger than the images.
        """
        parts = [self._measured(source[int(row)]["image"]).assign(row=row) for row in rows]
        table = pd.concat(parts, ignore_index=True)
        table.insert(0, "row", table.pop("row"))
        return PatchTable(table.assign(pool=self._pools(table)), patches=self)

    def _measured(self, image: npt.NDArray[np.uint8]) -> pd.DataFrame:
        """Return place, measure and share of background of each patch of an image."""
        grey = as_channels(image, 1)
        tops, lefts = self.places(grey.shape)
        black = (grey <= self.black_up_to).astype(np.uint8)
        counted = 1 - black if self.average == "tissue" else np.ones_like(black)
        edges, pixels, dark = (
            _sums(values, self.size, tops, lefts)
            for values in (self.edge.map(grey) * counted, counted, black)
        )
        top, left = np.meshgrid(tops, lefts, indexing="ij")
        measure, background = edges / np.maximum(pixels, 1), dark / self.size**2
        places = {"top": top, "left": left, "measure": measure, "background": background}
        return pd.DataFrame({name: grid.ravel() for name, grid in places.items()})

    def _pools(self, table: pd.DataFrame) -> npt.NDArray[Any]:
        """Return the pool of each patch, Eq. 1; both thresholds belong to their pools."""
        measure = table["measure"]
        unused = (table["background"] > self.most_background) & (self.background == "exclude")
        corrupted, clean = measure >= self.corrupted_above, measure <= self.clean_below
        return np.select(
            [unused, corrupted, clean], ["background", "corrupted", "clean"], "neither"
        )


def _sums(values: npt.NDArray[Any], size: int, tops: Ints, lefts: Ints) -> Floats:
    """Return the sum over each patch, (tops, lefts) float64, from one integral image."""
    integral = cv2.integral(values, sdepth=cv2.CV_64F)
    upper, lower = integral[tops], integral[tops + size]
    sums: Floats = (lower - upper)[:, lefts + size] - (lower - upper)[:, lefts]
    return sums
