"""A grid of voxels in space, whose first axis is depth, and the values on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from core.checks import require
from core.sweeps.metaimage import MetaImage
from core.sweeps.sweep import Sweep

Floats = npt.NDArray[np.float64]

MAX_VOXELS: Final = 200_000_000
BYTES_A_VOXEL: Final = 9  # float32 sum and weight, and whether anything was seen
_FILE_AXES: Final = "xyz"
_ROUNDING: Final = 1e-3  # poses are written with six digits


@dataclass(frozen=True, kw_only=True)
class VoxelGrid:
    """Where voxels lie.

    Attributes:
        shape: Voxels along depth, rows and columns.
        origin_mm: (3,) centre of the first voxel.
        axes: (3, 3) unit directions, row by row, of depth, rows and columns.
        spacing_mm: (3,) distances between voxels along them.
        top_mm: Depth of the first voxel below the skin; negative above it.
    """

    shape: tuple[int, int, int]
    origin_mm: Floats
    axes: Floats
    spacing_mm: Floats
    top_mm: float = 0.0

    @property
    def depths_mm(self) -> Floats:
        """(D,) depths of the voxels below the skin."""
        below: Floats = self.spacing_mm[0] * np.arange(self.shape[0])
        return self.top_mm + below

    def indices_of(self, to_mm: Floats) -> Floats:
        """Return the (3, 4) matrix from what `to_mm` (4, 4) takes to mm, to voxel indices."""
        shifted = to_mm[:3] - np.outer(self.origin_mm, (0, 0, 0, 1))
        return (self.axes @ shifted) / self.spacing_mm[:, None]


@dataclass(frozen=True, kw_only=True)
class Volume:
    """Intensities on a grid.

    Attributes:
        values: (D, R, C) float32, 0 to 255, 0 where nothing was seen.
        seen: (D, R, C) whether a frame or a filled gap gives the value.
        grid: Where the voxels lie.
    """

    values: npt.NDArray[np.float32]
    seen: npt.NDArray[np.bool_]
    grid: VoxelGrid


def coronal_grid(sweep: Sweep, spacing_mm: float) -> VoxelGrid:
    """Return the grid that holds all of a sweep and whose depth axis looks onto the coronal plane.

    Rows run along the sweep, from its first frame to its last: the direction in which the frames'
    centres are spread most. Depth is the mean direction of the image's columns of pixels, made
    perpendicular to the rows; columns are perpendicular to both, and run as the image's x does.
    Depth 0, the skin, is the mean height of the upper edges' middles.

    Args:
        sweep: Frames and poses.
        spacing_mm: Side of a voxel; no finer than the pixels are.

    Raises:
        InputError: If the frames do not move, move along the beam, or the grid would be too fine or
            too large.
    """
    pixel_mm = float(np.linalg.norm(sweep.to_mm[:, :3, :2], axis=1).mean(axis=0).max())
    expected = f"at least the pixels' own {pixel_mm:.3g} mm"
    require(spacing_mm >= pixel_mm * (1 - _ROUNDING), "spacing_mm", expected, spacing_mm)
    axes = _directions(sweep)
    edges = [(0, 0), (0, 1), (1, 0), (1, 1)]
    corners = np.concatenate([sweep.points_mm(*edge) for edge in edges]) @ axes.T
    low, high = corners.min(axis=0), corners.max(axis=0)
    sides = np.ceil((high - low) / spacing_mm - _ROUNDING).astype(int) + 1
    _require_room(sides)
    skin_mm = float((sweep.points_mm(0.5, 0) @ axes[0]).mean())
    return VoxelGrid(
        shape=(int(sides[0]), int(sides[1]), int(sides[2])),
        origin_mm=low @ axes,
        axes=axes,
        spacing_mm=np.full(3, float(spacing_mm)),
        top_mm=float(low[0]) - skin_mm,
    )


def _directions(sweep: Sweep) -> Floats:
    """Return the unit directions of depth, rows and columns."""
    centres = sweep.points_mm(0.5, 0.5)
    spread = centres - centres.mean(axis=0)
    rows = np.linalg.svd(spread, full_matrices=False)[2][0]
    travel = spread @ rows
    moved_mm = float(np.ptp(travel))
    require(moved_mm > 0.5, "sweep", "frames that move by more than 0.5 mm", f"{moved_mm:.2f} mm")
    half = len(travel) // 2
    rows = rows * np.sign(travel[half:].mean() - travel[:half].mean() or 1.0)
    across, beam = _mean_direction(sweep, 0), _mean_direction(sweep, 1)
    depth = beam - (beam @ rows) * rows
    slant = float(np.linalg.norm(depth))
    require(slant > 0.5, "sweep", "frames that move across the beam", "a motion along it")
    depth /= slant
    columns = np.cross(depth, rows)
    return np.stack([depth, rows, columns if columns @ across >= 0 else -columns])


def _mean_direction(sweep: Sweep, axis: int) -> Floats:
    """Return the mean unit direction of the image's x (0) or y (1)."""
    directions = sweep.to_mm[:, :3, axis]
    mean: Floats = (directions / np.linalg.norm(directions, axis=1, keepdims=True)).mean(axis=0)
    return mean / max(float(np.linalg.norm(mean)), 1e-9)


def _require_room(sides: npt.NDArray[np.int_]) -> None:
    voxels, memory_gb = float(np.prod(sides.astype(float))), MAX_VOXELS * BYTES_A_VOXEL / 1e9
    expected = f"a spacing with at most {MAX_VOXELS:,} voxels ({memory_gb:.1f} GB)"
    size = " x ".join(map(str, sides))
    require(voxels <= MAX_VOXELS, "spacing_mm", expected, f"{voxels:,.0f} ({size})")


def volume_of(image: MetaImage, depth_axis: str, *, from_far: bool = False) -> Volume:
    """Take a reconstructed volume out of its file; voxels of value 0 count as not seen.

    Of the two axes that are not depth the later one, in the order x, y, z, becomes the rows. Depth
    is counted from the first voxel.

    Args:
        image: The file. Values deeper than 8 bits are scaled to 255 at their highest.
        depth_axis: Axis of the file along the beam: x, y or z. Files do not say which it is:
            their AnatomicalOrientation is a constant of the software that wrote them.
        from_far: Whether that axis runs towards the transducer.

    Raises:
        InputError: If the axis is none, or the volume is too large, negative or not finite.
    """
    known = depth_axis in _FILE_AXES and len(depth_axis) == 1
    require(
        known, "depth_axis", "x, y or z, the volume's axis along the beam", depth_axis or "none"
    )
    depth = _FILE_AXES.index(depth_axis)
    order = [depth, *(axis for axis in (2, 1, 0) if axis != depth)]
    values = image.values.transpose([2 - axis for axis in order])
    _require_room(np.array(values.shape))
    low, high = float(values.min()), float(values.max())
    require(low >= 0 and np.isfinite(high), image.name, "finite values from 0", f"{low} to {high}")
    white = 255.0 if image.values.dtype == np.uint8 else high or 1.0
    axes, origin_mm = image.axes[order], image.origin_mm
    if from_far:
        length_mm = image.spacing_mm[depth] * (values.shape[0] - 1)
        values, origin_mm = values[::-1], origin_mm + length_mm * axes[0]
        axes = axes * np.array([[-1.0], [1.0], [1.0]])
    grid = VoxelGrid(
        shape=(values.shape[0], values.shape[1], values.shape[2]),
        origin_mm=origin_mm,
        axes=axes,
        spacing_mm=image.spacing_mm[order],
    )
    scaled = np.multiply(values, 255.0 / white, dtype=np.float32)
    return Volume(values=scaled, seen=scaled > 0, grid=grid)
