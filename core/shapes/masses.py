"""The separate masses of a mask: a median nerve may have two branches, a network leaves crumbs."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from core.checks import require

Mask = NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True, eq=False)
class Masses:
    """The masses of one mask, the largest first.

    Attributes:
        labels: (H, W) int32: 0 outside all masses, 1 in the largest, 2 in the next.
        areas_px: Pixels of each mass (n,), falling.
    """

    labels: NDArray[np.int32]
    areas_px: NDArray[np.int64]

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.areas_px)

    def first(self, most: int) -> Mask:
        """Return the mask (H, W), 0 or 1, of the largest masses, at most so many."""
        return ((self.labels > 0) & (self.labels <= most)).astype(np.uint8)

    def only(self, number: int) -> Mask:
        """Return the mask (H, W), 0 or 1, of one mass; 1 is the largest."""
        one: Mask = (self.labels == number).astype(np.uint8)
        return one


def find_masses(mask: Mask, *, min_share: float = 0.15) -> Masses:
    """Find the connected masses of a mask; pixels that touch at a corner are connected.

    Args:
        mask: (H, W) uint8, non-zero inside.
        min_share: Smallest area of a mass as a share of the largest one's, 0..1; 0 takes all.

    Raises:
        InputError: If the share is not in 0..1.
    """
    _check_share(min_share)
    count, raw, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    areas = stats[1:, cv2.CC_STAT_AREA].astype(np.int64)
    order = np.argsort(-areas, kind="stable")  # equal areas stay in the order of their rows
    kept = order[areas[order] >= min_share * areas.max(initial=0)]
    new_label = np.zeros(count, np.int32)
    new_label[kept + 1] = np.arange(1, len(kept) + 1)
    return Masses(labels=new_label[raw], areas_px=areas[kept])


def mass_count(mask: Mask, *, min_share: float = 0.15) -> int:
    """Count the masses of a mask that are not crumbs; two may be a bifid nerve.

    The nerve's two branches need not be of one size, hence the low default share: that of a disc
    of four tenths of the other's diameter.

    Args:
        mask: (H, W) uint8, non-zero inside.
        min_share: Smallest area of a mass as a share of the largest one's, 0..1.

    Raises:
        InputError: If the share is not in 0..1.
    """
    return find_masses(mask, min_share=min_share).count


def _check_share(min_share: float) -> None:
    """Raise an InputError unless this is a share."""
    require(0 <= min_share <= 1, "min_share", "a share of the largest area, 0..1", min_share)
