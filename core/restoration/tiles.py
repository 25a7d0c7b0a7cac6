"""Restoring images larger or smaller than what a network was trained on, in overlapping tiles."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise, product
from typing import NamedTuple

import torch
from torch import Tensor

from core.checks import require

Restore = Callable[[Tensor], Tensor]


def restore_in_tiles(
    restore: Restore, image: Tensor, *, tile: tuple[int, int], overlap: int, batch: int = 4
) -> Tensor:
    """Restore an image in tiles of one size, blended without seams.

    Tiles are spread evenly, neighbours sharing `overlap` pixels or more, over which the weight of
    one falls as half a cosine while that of the other rises. An image smaller than a tile is
    mirrored at its edges, as often as it takes.

    Args:
        restore: Tiles (B, C, rows, cols) in, the same shape out.
        image: (C, H, W) floating point, on the device that `restore` works on.
        tile: Rows and columns of a tile.
        overlap: Pixels that neighbouring tiles share at least.
        batch: Tiles restored at once; these and the image are all that memory must hold.

    Returns:
        (C, H, W), dtype and device of the image.

    Raises:
        InputError: If the image has not three dimensions, or the overlap is not smaller than a
            tile.
    """
    require(image.ndim == 3, "image", "shape (C, H, W)", image)
    require(0 <= overlap < min(tile), "overlap", f"0 or more, and less than {min(tile)}", overlap)
    require(batch > 0, "batch", "a positive number", batch)
    _, height, width = image.shape
    padded = _mirrored(image, tile)
    spans = list(_spans(padded, tile, overlap))
    total = torch.zeros_like(padded)
    for start in range(0, len(spans), batch):
        some = spans[start : start + batch]
        restored = restore(torch.stack([padded[span.place] for span in some]))
        for span, part in zip(some, restored, strict=True):
            total[span.place] += part.to(total) * span.weight.to(total)
    return total[:, :height, :width]


class _Span(NamedTuple):
    """A tile's place in the image, and the weight (rows, cols) of its pixels there."""

    place: tuple[slice, slice, slice]
    weight: Tensor


def _spans(image: Tensor, tile: tuple[int, int], overlap: int) -> Iterator[_Span]:
    """Yield all tiles; the weights of each pixel add up to 1."""
    rows, columns = (_along(*sides, overlap) for sides in zip(image.shape[1:], tile, strict=True))
    for (top, down), (left, across) in product(rows, columns):
        place = slice(None), slice(top, top + tile[0]), slice(left, left + tile[1])
        yield _Span(place, down[:, None] * across)


def _along(length: int, tile: int, overlap: int) -> list[tuple[int, Tensor]]:
    """Return start and weights (tile,) of each tile along one axis."""
    steps = -((tile - length) // (tile - overlap))  # rounded up
    starts = [round(step * (length - tile) / max(steps, 1)) for step in range(steps + 1)]
    shared = [before + tile - start for before, start in pairwise(starts)]
    weights = torch.zeros(len(starts), length, dtype=torch.float64)
    for row, start, ahead, behind in zip(weights, starts, [0, *shared], [*shared, 0], strict=True):
        row[start : start + tile] = _rise(tile, ahead) * _rise(tile, behind).flip(0)
    weights = (weights / weights.sum(0)).float()
    return [(start, row[start : start + tile]) for start, row in zip(starts, weights, strict=True)]


def _rise(tile: int, shared: int) -> Tensor:
    """Weights (tile,) that rise as half a cosine over the shared pixels, and are 1 behind."""
    weights = torch.ones(tile, dtype=torch.float64)
    part = (torch.arange(shared, dtype=torch.float64) + 0.5) / max(shared, 1)
    weights[:shared] = (1 - torch.cos(torch.pi * part)) / 2
    return weights


def _mirrored(image: Tensor, least: tuple[int, int]) -> Tensor:
    """Mirror an image at its lower and right edge until it has so many rows and columns."""
    for axis, side in enumerate(least, 1):
        length = image.shape[axis]
        period = max(2 * (length - 1), 1)
        place = torch.arange(max(length, side), device=image.device) % period
        image = image.index_select(axis, torch.minimum(place, period - place))
    return image
