"""What several runs made of the same test images, a row a run; or each run's own examples."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from core.checks import InputError
from core.reports.cases import SHOWN, choose_typical
from core.reports.contours import Image, outline_each
from core.reports.drawing import INK, Plot
from core.reports.removal_views import read_picture
from core.reports.run_folder import (
    ANNOTATED,
    FIGURES,
    PREDICTIONS,
    REFERENCES,
    RESTORED,
    RunFolder,
    picture_path,
)
from core.reports.tiles import Images, Tile, plot_tiles

Source = Callable[[Path], Images]
"""Gives a run's test images and true masks; an InputError where its data is not there."""

OWN: Final = ("outlines", "restoration", "removal", "examples")
"""Figures of a run that show examples, the first that there is of them."""
_WIDTH, _HEAD = 7.2, 0.3  # inches
_SIDE_PX: Final = 420


def plot_case_rows(
    runs: Mapping[str, Path],
    title: str,
    source: Source | None = None,
    *,
    own: str | None = None,
) -> Plot | None:
    """Draw examples of a table's rows below each other.

    Of runs that all restore the same images: what they made of them, at even distances. Of runs
    that segment the same images: outlines, on what a run restored where it does; the images are
    typical ones of the first run, by its Dice, and the first where any run misses what is there, or
    sees what is not. Of others: each run's own figure of examples.

    Args:
        runs: Label to a run folder.
        title: Heading.
        source: Gives the images; without it no outlines are drawn on them.
        own: Name of the runs' own figure to show, whatever they do.

    Returns:
        The figure, named "cases"; None where no run keeps any picture.
    """
    if own is not None:
        return _plot_own(runs, title, (own,))
    if restored := _plot_restored(runs, title, source):
        return restored
    outlined = _plot_outlined(runs, title, source) if source else None
    return outlined or _plot_own(runs, title, OWN)


def _plot_outlined(runs: Mapping[str, Path], title: str, source: Source) -> Plot | None:
    """Outline truth and predictions of the same images; None where there are none."""
    folders = {label: RunFolder.read(root) for label, root in runs.items()}
    common = _common(runs, PREDICTIONS)
    tables = [run.images[run.images["index"].isin(common)] for run in folders.values() if common]
    if not tables or any("outcome" not in table for table in tables):
        return None
    chosen = _chosen([table for table in tables if len(table)])
    rows = {}
    try:
        images = source(next(iter(runs.values())))
        for label, run in folders.items():
            said = f"{label}, on what it restored" if _restores(run.root, chosen) else label
            rows[said] = [_outlined(run, images, index) for index in chosen]
    except InputError:  # the data is not there any more, or not those that were tested
        return None
    return plot_tiles("cases", title, rows)


def _chosen(tables: list[pd.DataFrame]) -> list[int]:
    """Return rows of the source: a high and a low Dice, a miss, a false alarm, typical ones."""
    typical = list(choose_typical(tables[0])["index"])
    every = pd.concat(tables)
    wrong = [every.loc[every["outcome"] == kind, "index"].head(1) for kind in ("FN", "FP")]
    ordered = [*typical[::3], *pd.concat(wrong), *typical, *every["index"].head(1)]
    return [int(index) for index in dict.fromkeys(ordered)][:SHOWN]


def _outlined(run: RunFolder, images: Images, index: int) -> Tile:
    """Draw truth and prediction of one image, on what the run restored if it does."""
    image, truth = images(index)
    prediction = run.prediction(index)
    if truth is not None and len(run.structures) < 2:
        truth = (truth != 0).astype(np.uint8)  # whatever value the source has inside
    path = picture_path(run.root, RESTORED, index)
    if path.is_file():
        image = np.asarray(
            cv2.resize(read_picture(path, "what a run restored"), image.shape[1::-1]), np.uint8
        )
    own = run.images[run.images["index"] == index]
    heading = f"Dice {own['dice'].mean():.3f}"
    picture = outline_each(image, truth, prediction, _SIDE_PX)
    return Tile(picture=picture, heading=heading, detail="", alt=f"test image {index}: {heading}.")


def _restores(root: Path, images: list[int]) -> bool:
    return all(picture_path(root, RESTORED, index).is_file() for index in images)


def _plot_restored(runs: Mapping[str, Path], title: str, source: Source | None) -> Plot | None:
    """Show what runs made of the same images; None where they restore none."""
    common = sorted(_common(runs, RESTORED))
    if not common:
        return None
    places = np.linspace(0, len(common) - 1, min(SHOWN, len(common))).round().astype(int)
    shown, first = [common[place] for place in places], next(iter(runs.values()))
    rows = {} if _kept(first / ANNOTATED) else _inputs(first, shown, source)
    for label, run, folder in [
        ("Input", first, ANNOTATED),
        ("Noise-free image, which only simulated data know", first, REFERENCES),
        *((label, run, RESTORED) for label, run in runs.items()),
    ]:
        if _kept(run / folder).issuperset(shown):
            pictures = [read_picture(picture_path(run, folder, index), label) for index in shown]
            rows[label] = [_tile(label, *pair) for pair in zip(shown, pictures, strict=True)]
    return plot_tiles("cases", title, rows, outlined=False)


def _inputs(run: Path, shown: list[int], source: Source | None) -> dict[str, list[Tile]]:
    """Return what the networks were given; nothing where it is not to be had."""
    try:
        images = source(run) if source else None
    except InputError:
        images = None
    if images is None:
        return {}
    pictures = [outline_each(images(index)[0], None, None, _SIDE_PX) for index in shown]
    return {"Input": [_tile("Input", *pair) for pair in zip(shown, pictures, strict=True)]}


def _tile(label: str, index: int, picture: Image) -> Tile:
    said = f"test image {index}"
    return Tile(picture=picture, heading=said, detail="", alt=f"{label}: {said}.")


def _common(runs: Mapping[str, Path], folder: str) -> set[int]:
    """Return the rows of the source of which all runs keep a picture, of the same image."""
    kept = set.intersection(*(_kept(run / folder) for run in runs.values()))
    named = [_named(RunFolder.read(run)) for run in runs.values()]
    return {index for index in kept if len({names.get(index) for names in named}) == 1}


def _kept(folder: Path) -> set[int]:
    return {int(path.stem) for path in folder.glob("[0-9]*.png")}


def _named(run: RunFolder) -> dict[int, tuple[str, ...]]:
    """Return which image each row of the source is: its name, and its digest where it is known."""
    tables = (run.images, run.restoration, run.removal)
    table = next((table for table in tables if len(table)), pd.DataFrame())
    if table.empty:
        return {}
    columns = [column for column in ("id", "image_digest") if column in table]
    names = table[columns].astype(str).itertuples(index=False, name=None)
    return dict(zip(table["index"], names, strict=True))


def _plot_own(runs: Mapping[str, Path], title: str, names: tuple[str, ...]) -> Plot | None:
    """Put each run's own figure of examples below its label."""
    pictures: dict[str, Image] = {}
    for label, run in runs.items():
        paths = [run / FIGURES / f"{name}.png" for name in names]
        if kept := [path for path in paths if path.is_file()]:
            pictures[label] = read_picture(kept[0], label)
    if not pictures:
        return None
    heights = [_HEAD + _WIDTH * len(picture) / picture.shape[1] for picture in pictures.values()]
    figure = Figure(figsize=(_WIDTH, _HEAD + sum(heights)), facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    top = _HEAD  # for what stands above
    for (label, picture), height in zip(pictures.items(), heights, strict=True):
        axes.text(0.08, top + 0.22, label, color=INK, size=11, weight="bold", parse_math=False)
        extent = (0, _WIDTH, top + height, top + _HEAD)
        axes.imshow(picture, extent=extent, interpolation="antialiased")
        top += height
    axes.set(xlim=(0, _WIDTH), ylim=(top, 0), aspect="auto")
    alt = f"Examples of each row, chosen by its own results: {', '.join(pictures)}."
    return Plot(name="cases", title=title, alt=alt, figure=figure)
