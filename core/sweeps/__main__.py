"""`python -m core.sweeps SWEEP.mha --output FOLDER`: the coronal projection of a tracked sweep."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

import numpy as np

from core.checks import require
from core.commands import Parser, run_command
from core.files import printable
from core.sweeps.metaimage import MetaImage, read_metaimage
from core.sweeps.project import (
    Margins,
    Mode,
    covered,
    margins_of,
    project,
    save_projection,
    slab_of,
)
from core.sweeps.reconstruct import Compounding, fill_gaps, reconstruct
from core.sweeps.sweep import is_sweep, sweep_of
from core.sweeps.transforms import read_calibration
from core.sweeps.volume import Volume, VoxelGrid, coronal_grid, volume_of

_SWEEP_ONLY = (
    *("calibration", "reference", "orientation", "clip"),
    *("spacing_mm", "compounding", "max_gap_mm"),
)
_VOLUME_ONLY = ("depth_axis", "from_far")
SPACING_MM, MAX_GAP_MM = 0.5, 5.0
SLAB_MM = (15.0, 35.0)  # shows a phantom's vertebra best, by its maximum; patients' lie deeper


def main(args: Sequence[str] | None = None) -> int:
    """Reconstruct, project, write.

    Args:
        args: Command-line arguments; None takes those of the process.

    Returns:
        0 when done, 2 when the input or an option is wrong, 1 when the result cannot be written.
    """
    return run_command(lambda: _run(_parser().parse_args(args)))


def _number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise argparse.ArgumentTypeError(f"expected a finite number, got {text}")
    return number


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="python -m core.sweeps", description=__doc__)
    add = parser.add_argument
    add("input", type=Path, help="MetaImage (.mha, .mhd): a tracked sweep, or a volume of one")
    add("--output", type=Path, required=True, help="folder for projection.png and .json")
    add("--slab_mm", type=_number, nargs=2, default=SLAB_MM, metavar=("FROM", "TO"),
        help="depths below the skin that hold the bone; {:g} {:g}".format(*SLAB_MM))  # fmt: skip
    add("--mode", choices=get_args(Mode), default="max", help="of the intensities there; max")
    add("--flip_rows", action="store_true", help="last frame on top instead of the first")
    add("--flip_columns", action="store_true", help="swap left and right")
    add("--canvas_mm", type=_number, nargs=2, metavar=("ROWS", "COLUMNS"),
        help="height and width of a black picture to centre it in, so that a piece of a back "
        "keeps its scale for a network that saw whole ones")  # fmt: skip
    sweep = parser.add_argument_group("of a sweep").add_argument
    sweep("--calibration", type=Path, help="YAML or PLUS's XML with ImageToProbe")
    sweep("--reference", help="frame of the millimetres; Reference, else Tracker")
    sweep("--orientation", help="of the frames, if the file is wrong: MF, MN, UF or UN")
    sweep("--clip", type=int, nargs=4, metavar=("LEFT", "TOP", "WIDTH", "HEIGHT"),
          help="pixels that are tissue, without burned-in text; what is not black")  # fmt: skip
    sweep("--spacing_mm", type=_number, help=f"side of a voxel; {SPACING_MM}")
    sweep("--compounding", choices=get_args(Compounding), help="of pixels in voxels; linear")
    sweep("--max_gap_mm", type=_number, help=f"widest gap to fill along the sweep; {MAX_GAP_MM}")
    volume = parser.add_argument_group("of a volume").add_argument
    volume("--depth_axis", choices=("x", "y", "z"), help="axis along the beam")
    volume("--from_far", action="store_true", default=None, help="it runs towards the transducer")
    return parser


def _run(given: argparse.Namespace) -> int:
    """Do what was asked for, and print a line that says what came out."""
    image = read_metaimage(given.input)
    kind, others = ("sweep", _VOLUME_ONLY) if is_sweep(image) else ("volume", _SWEEP_ONLY)
    foreign = [f"--{name}" for name in others if getattr(given, name) is not None]
    require(not foreign, image.name, f"no {' '.join(foreign)} for a {kind}")
    volume, how = (_swept if kind == "sweep" else _stored)(image, given)
    picture = project(volume, tuple(given.slab_mm), given.mode)
    picture = picture[:: -1 if given.flip_rows else 1, :: -1 if given.flip_columns else 1]
    margins = _margins(volume.grid, given)
    picture = np.pad(picture, margins)
    record = {"input": image.name, **how, **_projected(volume, given, margins)}
    row_mm, column_mm = record["spacing_mm"]
    path = save_projection(given.output, picture, (row_mm, column_mm), record)
    rows, columns = picture.shape
    what = ", of which the projection in the middle is" if given.canvas_mm else ","
    sys.stdout.write(
        f"{printable(path)}: {rows} x {columns} pixels, {rows * row_mm:.1f} x "
        f"{columns * column_mm:.1f} mm{what} {record['covered']:.0%} covered\n"
    )
    return 0


def _margins(grid: VoxelGrid, given: argparse.Namespace) -> Margins:
    """Return the black around the projection, in pixels."""
    row_mm, column_mm = (float(mm) for mm in grid.spacing_mm[1:])
    canvas_mm = tuple(given.canvas_mm) if given.canvas_mm else None
    return margins_of(grid.shape[1:], (row_mm, column_mm), canvas_mm)


def _projected(volume: Volume, given: argparse.Namespace, margins: Margins) -> dict[str, Any]:
    """Say what was projected, and how; the sizes are those of the picture, margins included."""
    depths_mm, spacing_mm = volume.grid.depths_mm, volume.grid.spacing_mm
    sides = zip(volume.grid.shape[1:], margins, strict=True)
    rows, columns = (side + sum(added) for side, added in sides)
    return {
        "depths_mm": [round(float(depths_mm[0]), 3), round(float(depths_mm[-1]), 3)],
        "slab_mm": given.slab_mm,
        "mode": given.mode,
        "flipped": {"rows": given.flip_rows, "columns": given.flip_columns},
        "canvas_mm": given.canvas_mm,
        "margins": dict(zip(("rows", "columns"), margins, strict=True)),
        "size": [rows, columns],
        "spacing_mm": spacing_mm[1:].tolist(),
        "size_mm": [round(rows * spacing_mm[1], 3), round(columns * spacing_mm[2], 3)],
        "covered": round(covered(volume, tuple(given.slab_mm)), 4),
    }


def _swept(image: MetaImage, given: argparse.Namespace) -> tuple[Volume, dict[str, object]]:
    """Reconstruct a sweep, and say how."""
    sweep = sweep_of(
        image,
        calibration=read_calibration(given.calibration) if given.calibration else None,
        reference=given.reference or "",
        orientation=given.orientation or "",
        clip=tuple(given.clip) if given.clip else None,
    )
    max_gap_mm = MAX_GAP_MM if given.max_gap_mm is None else given.max_gap_mm
    grid = coronal_grid(sweep, SPACING_MM if given.spacing_mm is None else given.spacing_mm)
    slab_of(grid, tuple(given.slab_mm))  # refused before the long work, not after it
    _margins(grid, given)
    volume = reconstruct(sweep, grid, given.compounding or "linear")
    fill_gaps(volume, max_gap_mm)
    return volume, {
        "frames": {"in_file": len(sweep.frames), "used": len(sweep.used)},
        "calibration": printable(given.calibration.name) if given.calibration else "in the file",
        "route": [printable(name) for name in sweep.route],
        "clip": list(sweep.clip),
        "compounding": given.compounding or "linear",
        "max_gap_mm": max_gap_mm,
        "grid": list(grid.shape),
    }


def _stored(image: MetaImage, given: argparse.Namespace) -> tuple[Volume, dict[str, object]]:
    """Take a volume as it is stored, and say how."""
    volume = volume_of(image, given.depth_axis or "", from_far=bool(given.from_far))
    axis = {"depth_axis": given.depth_axis, "from_far": bool(given.from_far)}
    return volume, {**axis, "grid": list(volume.grid.shape)}


if __name__ == "__main__":
    sys.exit(main())
