"""What several runs made of the same test images, a row a run; or each run's own examples."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image as PilImage

from core.reports.cases import SHOWN
from core.reports.drawing import INK, Plot
from core.reports.run_folder import ANNOTATED, FIGURES, REFERENCES, RESTORED, picture_path
from core.reports.tiles import Tile, plot_tiles

_OWN: Final = ("outlines", "restoration", "removal", "examples")
"""Figures of a run that show examples, the first that there is of them."""
_GIVEN: Final = {ANNOTATED: "Input", REFERENCES: "Noise-free image, which only simulated data know"}
_WIDTH, _HEAD = 7.2, 0.3  # inches


def plot_case_rows(runs: Mapping[str, Path], title: str) -> Plot | None:
    """Draw examples of a table's rows below each other.

    Of runs that keep the images they restored, the same test images at even distances; of others
    each run's own figure of typical cases: the images of a test set are not kept in its folder.

    Args:
        runs: Label to a run folder.
        title: Heading.

    Returns:
        The figure, named "cases"; None where no run keeps any picture.
    """
    common = _common([run / RESTORED for run in runs.values()])
    if not common:
        return _plot_own(runs, title)
    first = next(iter(runs.values()))
    rows = {
        said: _tiles(first, folder, said, common)
        for folder, said in _GIVEN.items()
        if _common([first / folder]) >= common
    }
    rows |= {label: _tiles(run, RESTORED, label, common) for label, run in runs.items()}
    return plot_tiles("cases", title, rows, outlined=False)


def _common(folders: list[Path]) -> set[int]:
    """Return the rows of the source of which all folders hold a picture."""
    kept = [{int(path.stem) for path in folder.glob("[0-9]*.png")} for folder in folders]
    return set.intersection(*kept) if kept else set()


def _tiles(run: Path, folder: str, label: str, images: set[int]) -> list[Tile]:
    """Return the pictures that a run keeps of the images that are shown."""
    ordered = sorted(images)
    places = np.linspace(0, len(ordered) - 1, min(SHOWN, len(ordered))).round().astype(int)
    return [
        Tile(
            picture=_read(picture_path(run, folder, ordered[place])),
            heading=f"test image {ordered[place]}",
            detail="",
            alt=f"{label}: test image {ordered[place]}.",
        )
        for place in places
    ]


def _plot_own(runs: Mapping[str, Path], title: str) -> Plot | None:
    """Put each run's own figure of examples below its label."""
    pictures = {label: _read(path) for label, run in runs.items() if (path := _own_figure(run))}
    if not pictures:
        return None
    heights = [_HEAD + _WIDTH * len(picture) / picture.shape[1] for picture in pictures.values()]
    figure = Figure(figsize=(_WIDTH, sum(heights)), facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    top = 0.0
    for (label, picture), height in zip(pictures.items(), heights, strict=True):
        axes.text(0.08, top + 0.22, label, color=INK, size=11, weight="bold", parse_math=False)
        extent = (0, _WIDTH, top + height, top + _HEAD)
        axes.imshow(picture, extent=extent, interpolation="antialiased")
        top += height
    axes.set(xlim=(0, _WIDTH), ylim=(top, 0), aspect="auto")
    alt = f"Examples of each row, chosen by its own results: {', '.join(pictures)}."
    return Plot(name="cases", title=title, alt=alt, figure=figure)


def _own_figure(run: Path) -> Path | None:
    paths = (run / FIGURES / f"{name}.png" for name in _OWN)
    return next((path for path in paths if path.is_file()), None)


def _read(path: Path) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Return a picture (H, W, 3) uint8."""
    with PilImage.open(path) as picture:
        return np.asarray(picture.convert("RGB"), np.uint8)
