"""A tracked sweep of a spine phantom, reconstructed here, beside the volume that came with it.

    OMP_NUM_THREADS=1 python -m benchmarks.sweep_reconstruction shared/data/spine_phantom

The folder holds SpinePhantomFreehand.igs.mha and SpinePhantomFreehandReconstructed.mha of the PLUS
toolkit's test data (github.com/PlusToolkit/PlusLibData, BSD-3). The volume there was made by that
toolkit, so agreement on its grid is an independent check of poses, calibration and compounding.
"""

from __future__ import annotations

import argparse
import time
import tracemalloc
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from benchmarks.timing import RESULTS, alternate, one_thread, show, write_results
from core.reports.drawing import INK, MUTED, Plot
from core.sweeps.metaimage import read_metaimage
from core.sweeps.project import Mode, Slab, project
from core.sweeps.reconstruct import fill_gaps, reconstruct
from core.sweeps.sweep import Clip, Sweep, sweep_of
from core.sweeps.transforms import matrix_of
from core.sweeps.volume import BYTES_A_VOXEL, Volume, coronal_grid, volume_of

SWEEP, VOLUME = "SpinePhantomFreehand.igs.mha", "SpinePhantomFreehandReconstructed.mha"
WHOLE_FRAME = (0, 0, 820, 616)
SLAB_MM, MAX_GAP_MM = (15.0, 35.0), 5.0
THEIR_SLAB_MM = (19.0, 39.0)  # of a grid that begins 4 mm above the skin
SEEN = {1: (0, 1, 0), 2: (-1, 0, 0)}  # of the reference: down and to the right in the figure
IMAGE_TO_PROBE = matrix_of(
    "-0.00157821 0.0785919 -0.00803285 15.3978 -0.0839128 0.00372697 0.0153803 49.5705 "
    "0.0159024 0.00714276 0.0803604 -8.63446 0 0 0 1",
    "ImageToProbe of the toolkit's documented configuration for this sweep",
)


def read(folder: Path, clip: Clip | None = None) -> Sweep:
    """The phantom's sweep."""
    image = read_metaimage(folder / SWEEP)
    return sweep_of(image, calibration={("Image", "Probe"): IMAGE_TO_PROBE}, clip=clip)


def agreement(sweep: Sweep, theirs: Volume) -> dict[str, dict[str, float]]:
    """How our volume on the other's grid agrees with it, before and after filling gaps."""
    found = {}
    for compounding in ("linear", "nearest", "maximum"):
        ours = reconstruct(sweep, theirs.grid, compounding)
        found[compounding] = _compare(ours, theirs)
        fill_gaps(ours, MAX_GAP_MM)
        found[f"{compounding}, gaps filled"] = _compare(ours, theirs)
    return found


def _compare(ours: Volume, theirs: Volume) -> dict[str, float]:
    both = ours.seen & theirs.seen
    a, b = ours.values[both], theirs.values[both]
    return {
        "correlation": round(float(np.corrcoef(a, b)[0, 1]), 5),
        "mean_absolute_difference": round(float(np.abs(a - b).mean()), 2),
        "voxels_of_both": int(both.sum()),
        "of_theirs_seen": round(float(ours.seen[theirs.seen].mean()), 4),
    }


def costs(sweep: Sweep) -> dict[str, object]:
    """Times, operations and bytes of the command's own work on its own grid."""
    grid = coronal_grid(sweep, 0.5)
    volume = reconstruct(sweep, grid)
    seconds = alternate(
        {
            "linear": lambda: reconstruct(sweep, grid),
            "nearest": lambda: reconstruct(sweep, grid, "nearest"),
            "maximum": lambda: reconstruct(sweep, grid, "maximum"),
            "filling gaps": lambda: fill_gaps(volume, MAX_GAP_MM),
            "projecting": lambda: project(volume, SLAB_MM),
        },
        repeats=5,
        clock=time.process_time,
    )
    show("CPU milliseconds for 21 frames, one thread", seconds, "linear")
    tracemalloc.start()
    reconstruct(sweep, grid)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    pixels, voxels = sweep.clip[2] * sweep.clip[3] * len(sweep.used), int(np.prod(grid.shape))
    return {
        "pixels": pixels,
        "voxels": voxels,
        "additions_linear": 16 * pixels,
        "nanoseconds_a_pixel": {k: round(s / pixels * 1e9, 1) for k, s in seconds.items()},
        "milliseconds": {name: round(s * 1000, 1) for name, s in seconds.items()},
        "bytes_of_the_volume": BYTES_A_VOXEL * voxels,
        "peak_bytes": peak,
    }


def figure(folder: Path) -> Plot:
    """A frame, the coronal image that the command makes, and both volumes on one grid."""
    sweep, theirs = read(folder), volume_of(read_metaimage(folder / VOLUME), "z")
    own, same = (reconstruct(sweep, grid) for grid in (coronal_grid(sweep, 0.5), theirs.grid))
    for volume in (own, same):
        fill_gaps(volume, MAX_GAP_MM)
    drawn = Figure(figsize=(11.0, 3.8), layout="constrained", facecolor="white")
    FigureCanvasAgg(drawn)
    axes = drawn.subplots(1, 4, sharey=True)
    _draw_frame(axes[0], sweep)
    _draw(axes[1], own, SLAB_MM, "its coronal image\n(rows along the sweep)")
    _draw(axes[2], same, THEIR_SLAB_MM, "the same sweep on the\nvolume's own grid")
    _draw(axes[3], theirs, THEIR_SLAB_MM, "the volume that\ncame with it")
    alt = (
        "A frame of a spine phantom, and coronal projections in which a vertebra's spinous "
        "process is a dark oval with a bright rim above the bright laminae; the reconstruction "
        "here and the volume that came with the sweep show the same."
    )
    return Plot(
        name="sweep_reconstruction", title="A tracked sweep's projection", alt=alt, figure=drawn
    )


def _draw_frame(axes: Axes, sweep: Sweep) -> None:
    left, top, width, height = sweep.clip
    across_mm, down_mm = np.linalg.norm(sweep.to_mm[0, :3, :2], axis=0)
    frame = sweep.frames[sweep.used[len(sweep.used) // 2], top : top + height, left : left + width]
    axes.imshow(frame, cmap="gray", extent=(0, width * across_mm, height * down_mm, 0))
    for depth_mm in SLAB_MM:
        axes.axhline(depth_mm, color="#d55e00", lw=1.2, ls=(0, (4, 3)))
    _label(axes, "one of 21 frames, with the\nslab of depths that is projected")


def seen(volume: Volume, slab_mm: Slab, mode: Mode = "max") -> np.ndarray:
    """Project a volume; all of them are seen from the same side."""
    down, right = (int(np.sign(volume.grid.axes[axis] @ SEEN[axis])) for axis in (1, 2))
    return project(volume, slab_mm, mode)[::down, ::right]


def lit(image: np.ndarray) -> tuple[slice, slice]:
    """Return the rows and columns that are not all black."""
    rows, columns = (np.flatnonzero(image.any(axis=axis)) for axis in (1, 0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def _draw(axes: Axes, volume: Volume, slab_mm: Slab, title: str) -> None:
    """Draw a projection cut to what it covers, in mm."""
    image = seen(volume, slab_mm)
    image = image[lit(image)]
    row_mm, column_mm = volume.grid.spacing_mm[1:]
    extent = (0, image.shape[1] * column_mm, image.shape[0] * row_mm, 0)
    axes.imshow(image, cmap="gray", vmin=0, vmax=255, extent=extent)
    _label(axes, title)


def _label(axes: Axes, title: str) -> None:
    axes.set_title(title, fontsize=10, color=INK)
    axes.set(xlim=(0, 41), ylim=(48, 0))
    axes.set_xlabel("mm", fontsize=9, color=INK)
    axes.tick_params(colors=MUTED, labelcolor=INK, labelsize=8)
    axes.set_facecolor("black")
    axes.spines[:].set_visible(False)


def main() -> None:
    """Measure, draw, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="folder of the sweep and its volume")
    parser.add_argument("--figure", type=Path, default=RESULTS, help="folder of the figure")
    given = parser.parse_args()
    one_thread()
    theirs = volume_of(read_metaimage(given.folder / VOLUME), "z")
    found = agreement(read(given.folder, WHOLE_FRAME), theirs)
    for name, numbers in found.items():
        print(f"{name:<24}", *(f"{key} {value}" for key, value in numbers.items()))
    print(figure(given.folder).save(given.figure))
    print(
        write_results(
            "sweep_reconstruction", {"agreement": found, "costs": costs(read(given.folder))}
        )
    )


if __name__ == "__main__":
    main()
