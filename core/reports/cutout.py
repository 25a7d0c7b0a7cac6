"""The part of an image that its outlines are in: a nerve takes up little of a frame."""

from __future__ import annotations

from typing import Final

import numpy as np

from core.reports.contours import Mask

_LEAST: Final = 0.45  # of the image's height and width
_ROOM: Final = 2.5  # height and width of the part over those of the outlines


def surroundings(*masks: Mask | None) -> tuple[slice, slice]:
    """Return the rows and columns around all masks of an image, in the image's own aspect.

    Args:
        masks: (H, W) each, non-zero inside; at least one is not None.

    Returns:
        A part around the middle of what is outlined, at least 45 % of the image's height and width
        and 2.5 times as large as the outlines together; the whole image where all are empty.
    """
    outlined = np.logical_or.reduce([mask != 0 for mask in masks if mask is not None])
    if not outlined.any():
        return slice(None), slice(None)
    spans = [np.flatnonzero(outlined.any(axis=axis))[[0, -1]] for axis in (1, 0)]
    shares = [
        (last - first + 1) / n for (first, last), n in zip(spans, outlined.shape, strict=True)
    ]
    share = min(1.0, max(_LEAST, _ROOM * max(shares)))
    rows, columns = (
        _around((first + last + 1) / 2, round(share * n), n)
        for (first, last), n in zip(spans, outlined.shape, strict=True)
    )
    return rows, columns


def _around(middle: float, length: int, n: int) -> slice:
    """Return `length` of n pixels around a place, moved to lie within the image."""
    start = min(max(round(middle - length / 2), 0), n - length)
    return slice(start, start + length)
