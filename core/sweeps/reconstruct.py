"""Compounding the pixels of a sweep into voxels, and filling the gaps between its frames.

Pixel-based reconstruction with bounded gap filling, after the survey of Solberg et al.
(Ultrasound in Medicine and Biology 33(7):991, 2007). Per pixel the linear kernel makes sixteen
additions, the others one or two; per voxel `volume.BYTES_A_VOXEL` bytes are held.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Final, Literal, get_args

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from core.checks import require
from core.sweeps.sweep import Clip, Sweep
from core.sweeps.volume import Volume, VoxelGrid

Compounding = Literal["linear", "nearest", "maximum"]
Floats = npt.NDArray[np.float32]
_Adder = Callable[[Floats, Floats, Floats, Floats, tuple[int, ...]], None]

_FAINTEST: Final = 0.01  # of one pixel's weight; a voxel with less was hardly touched


def reconstruct(sweep: Sweep, grid: VoxelGrid, compounding: Compounding = "linear") -> Volume:
    """Put every pixel inside a sweep's clip rectangle into the voxels where it lies.

    Args:
        sweep: Frames and poses.
        grid: Any grid in the sweep's frame of reference; pixels outside it are left out.
        compounding: "linear" shares each pixel among the eight voxels around it, by trilinear
            weight, and takes weighted means; "nearest" gives it to the nearest voxel alone, and
            takes means; "maximum" too, and takes the greatest.

    Returns:
        The volume; what no frame passed is 0 and not seen.

    Raises:
        InputError: If there is no such compounding.
    """
    known = " or ".join(get_args(Compounding))
    require(compounding in _ADDERS, "compounding", known, compounding)
    voxels = int(np.prod(grid.shape))
    values, weights = np.zeros(voxels, np.float32), np.zeros(voxels, np.float32)
    left, top, width, height = sweep.clip
    places = list(zip(sweep.used, sweep.to_mm, strict=True))
    for index, to_mm in tqdm(places, "reconstructing", unit="frame", delay=1, leave=False):
        pixels = sweep.frames[index, top : top + height, left : left + width]
        positions = _positions(grid.indices_of(to_mm), sweep.clip)
        _ADDERS[compounding](
            values, weights, positions, pixels.astype(np.float32).ravel(), grid.shape
        )
    seen = weights > (_FAINTEST if compounding == "linear" else 0)
    if compounding != "maximum":
        np.divide(values, weights, out=values, where=seen)
    values[~seen] = 0
    return Volume(values=values.reshape(grid.shape), seen=seen.reshape(grid.shape), grid=grid)


def _positions(matrix: npt.NDArray[np.float64], clip: Clip) -> Floats:
    """Return the (3, pixels) voxel indices, with their fractions, of a clip rectangle's pixels."""
    left, top, width, height = clip
    across = np.arange(left, left + width)
    down = np.arange(top, top + height)[:, None]
    return np.stack(
        [(a * across + (b * down + d)).astype(np.float32).ravel() for a, b, _, d in matrix]
    )


def _add_linear(
    values: Floats, weights: Floats, positions: Floats, pixels: Floats, shape: tuple[int, ...]
) -> None:
    lower = np.floor(positions)
    above = positions - lower
    below = 1 - above
    lower = lower.astype(np.intp)
    for corner in product((0, 1), repeat=3):
        weight = np.multiply.reduce([(below, above)[c][axis] for axis, c in enumerate(corner)])
        voxel, inside = _flat(lower + np.array(corner)[:, None], shape)
        np.add.at(weights, voxel, weight[inside])
        np.add.at(values, voxel, (weight * pixels)[inside])


def _add_nearest(
    values: Floats, weights: Floats, positions: Floats, pixels: Floats, shape: tuple[int, ...]
) -> None:
    voxel, inside = _flat(np.rint(positions).astype(np.intp), shape)
    np.add.at(weights, voxel, np.float32(1))
    np.add.at(values, voxel, pixels[inside])


def _add_maximum(
    values: Floats, weights: Floats, positions: Floats, pixels: Floats, shape: tuple[int, ...]
) -> None:
    voxel, inside = _flat(np.rint(positions).astype(np.intp), shape)
    weights[voxel] = 1
    np.maximum.at(values, voxel, pixels[inside])


_ADDERS: Final[dict[str, _Adder]] = {
    "linear": _add_linear,
    "nearest": _add_nearest,
    "maximum": _add_maximum,
}


def _flat(
    index: npt.NDArray[np.intp], shape: tuple[int, ...]
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.bool_] | slice]:
    """Return flat indices of what lies inside the grid, and which of the pixels that are."""
    depth, rows, columns = index
    flat = (depth * shape[1] + rows) * shape[2] + columns
    if (index.min(axis=1) >= 0).all() and (index.max(axis=1) < shape).all():
        return flat, slice(None)
    inside: npt.NDArray[np.bool_] = np.logical_and.reduce(
        (index >= 0) & (index < np.array(shape)[:, None])
    )
    return flat[inside], inside


def fill_gaps(volume: Volume, max_gap_mm: float) -> None:
    """Fill, in place, gaps along the sweep, linearly between the voxels seen on both sides.

    Nothing is extended beyond what was seen on one side only.

    Args:
        volume: Changed where a gap is filled.
        max_gap_mm: Widest distance between the two voxels that is bridged; 0 fills nothing.

    Raises:
        InputError: If the distance is negative.
    """
    require(max_gap_mm >= 0, "max_gap_mm", "a distance from 0", max_gap_mm)
    count = volume.grid.shape[1]
    rows = np.arange(count)[:, None]
    widest = max_gap_mm / volume.grid.spacing_mm[1] + 1e-6
    for values, seen in zip(volume.values, volume.seen, strict=True):
        before = np.maximum.accumulate(np.where(seen, rows, -count), axis=0)
        after = np.minimum.accumulate(np.where(seen, rows, 2 * count)[::-1], axis=0)[::-1]
        gap = ~seen & (before >= 0) & (after < count) & (after - before <= widest)
        row, column = np.nonzero(gap)
        first, last = before[gap], after[gap]
        share = (row - first) / (last - first)
        values[gap] = (1 - share) * values[first, column] + share * values[last, column]
        seen |= gap
