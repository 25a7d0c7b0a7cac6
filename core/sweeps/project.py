"""Volume projection imaging: a slab of depth onto the coronal plane, and its image file.

Cheung et al., "Ultrasound volume projection imaging for assessment of scoliosis", IEEE TMI
34(8):1760, 2015.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal, get_args

import numpy as np
import numpy.typing as npt

from core.checks import require
from core.files import replace_text, replacing
from core.sweeps.volume import Volume, VoxelGrid

Mode = Literal["mean", "max"]
Slab = tuple[float, float]
Margins = tuple[tuple[int, int], tuple[int, int]]

MAX_PIXELS: Final = 80_000_000  # of a canvas; what reads images takes larger ones for attacks


def project(
    volume: Volume, slab_mm: Slab | None = None, mode: Mode = "max"
) -> npt.NDArray[np.uint8]:
    """Project the voxels seen in a slab of depth along the beam.

    Args:
        volume: What was reconstructed.
        slab_mm: From and to which depth below the skin, both included; None takes all depths.
        mode: "mean" or "max" of the voxels seen at a place.

    Returns:
        (rows along the sweep, columns) uint8, 0 where the slab holds nothing seen.

    Raises:
        InputError: If the slab is none, or lies outside the volume.
    """
    require(mode in get_args(Mode), "mode", " or ".join(get_args(Mode)), mode)
    part = slab_of(volume.grid, slab_mm)
    values, seen = volume.values[part], volume.seen[part]
    if mode == "max":
        image = values.max(axis=0, where=seen, initial=0)
    else:
        image = values.sum(axis=0, where=seen) / np.maximum(seen.sum(axis=0), 1)
    bytes_: npt.NDArray[np.uint8] = np.clip(np.rint(image), 0, 255).astype(np.uint8)
    return bytes_


def covered(volume: Volume, slab_mm: Slab | None = None) -> float:
    """Return the share of the projection's pixels below which something was seen in the slab.

    Raises:
        InputError: If the slab is none, or lies outside the volume.
    """
    return float(volume.seen[slab_of(volume.grid, slab_mm)].any(axis=0).mean())


def slab_of(grid: VoxelGrid, slab_mm: Slab | None) -> slice:
    """Return which voxels of the first axis, depth, lie in a slab; None takes all.

    Raises:
        InputError: If the slab is none, or lies outside the grid.
    """
    if slab_mm is None:
        return slice(None)
    start, end = slab_mm
    require(start < end, "slab_mm", "two depths, the smaller first", f"{start:g} {end:g}")
    depths = grid.depths_mm
    inside = np.flatnonzero((depths >= start - 1e-6) & (depths <= end + 1e-6))
    expected = f"depths that meet the volume's {depths[0]:.1f} to {depths[-1]:.1f} mm"
    require(len(inside), "slab_mm", expected, f"{start:g} {end:g}")
    return slice(int(inside[0]), int(inside[-1]) + 1)


def margins_of(size: tuple[int, int], spacing_mm: Slab, canvas_mm: Slab | None) -> Margins:
    """Return the pixels to add around a projection so that a black canvas has it in its middle.

    A network that saw whole backs, stretched to its grid, knows a size of a millimetre; a piece of
    a back keeps it on a canvas as large as they are. `numpy.pad` takes the margins.

    Args:
        size: Rows and columns of the projection.
        spacing_mm: Distance between rows and between columns.
        canvas_mm: Height and width wanted, kept to the nearest pixel; None adds nothing.

    Returns:
        Rows above and below, columns left and right; an odd one goes below or right.

    Raises:
        InputError: If the projection is larger than the canvas, or that has too many pixels.
    """
    if canvas_mm is None:
        return (0, 0), (0, 0)
    own_mm = " x ".join(f"{n * mm:.1f}" for n, mm in zip(size, spacing_mm, strict=True))
    given = " x ".join(f"{mm:g}" for mm in canvas_mm) + " mm"
    sides = [float(np.rint(mm / step)) for mm, step in zip(canvas_mm, spacing_mm, strict=True)]
    holds = sides[0] >= size[0] and sides[1] >= size[1]
    require(holds, "canvas_mm", f"at least the projection's {own_mm} mm", given)
    fits = sides[0] * sides[1] <= MAX_PIXELS
    require(fits, "canvas_mm", f"at most {MAX_PIXELS:,} pixels", given)
    rows, columns = (int(side) - own for side, own in zip(sides, size, strict=True))
    return (rows // 2, rows - rows // 2), (columns // 2, columns - columns // 2)


def save_projection(
    folder: Path, image: npt.NDArray[np.uint8], spacing_mm: Slab, record: Mapping[str, object]
) -> Path:
    """Write `projection.png`, its resolution the spacing in tissue, and `projection.json`.

    Args:
        folder: Made if it is missing.
        image: (R, C) uint8.
        spacing_mm: Distance between rows and between columns; stored as whole pixels a metre.
        record: How it was made.

    Returns:
        The image file.

    Raises:
        RunError: If they cannot be written.
    """
    from PIL import Image

    row_mm, column_mm = spacing_mm
    path = folder / "projection.png"
    with replacing(path) as file:
        Image.fromarray(image).save(file, "PNG", dpi=(25.4 / column_mm, 25.4 / row_mm))
    replace_text(folder / "projection.json", json.dumps(record, indent=2) + "\n")
    return path
