"""Pictures of annotations that were removed: the input, what came of it, and what is gone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import pandas as pd
from PIL import Image as PilImage

from core.checks import require
from core.reports.contours import Image, Mask, draw_contours, outline_picture
from core.reports.drawing import Plot
from core.reports.removal import kind_labels, main_kinds
from core.reports.restored_figure import plot_cases
from core.reports.restored_views import View, ViewedImage
from core.reports.run_folder import ANNOTATED, REFERENCES, RESTORED, RIVAL, RunFolder, picture_path
from core.reports.schemes import Scheme, run_schemes
from core.reports.tiles import image_name
from core.shapes import DifferenceMask

GAIN: Final = 4
"""Differences are shown so many times brighter."""
_SIDE_PX: Final = 512  # of the longer side of a picture
_DASH_PX: Final = (11, 14)  # rows, columns; unequal, so that no direction has all or none
_WIDTH: Final = 1.35  # inches of a picture in the figure


def removal_cases(run: RunFolder) -> list[ViewedImage]:
    """Draw the median and the worst image of each frequent kind, by the run's own PSNR-HVS-M.

    Returns:
        As many views of every image, in two rows that belong together: input, each scheme's output
        and the clean image; below them the outlines of the mask, and what separates the input from
        each output and from the clean image.

    Raises:
        InputError: If a picture of a shown image is missing or of another size than its input.
    """
    if run.removal.empty:
        return []
    schemes = run_schemes(run)
    return [
        ViewedImage(
            title=title,
            detail=_in_numbers(row, schemes),
            views=_views(run, int(row["index"]), schemes),
        )
        for title, row in _chosen(run)
    ]


def removal_figure(cases: list[ViewedImage]) -> list[Plot]:
    """Return the cases as a figure for a paper; nothing without any."""
    return plot_cases(cases, name="removal", title="Removed annotations", width=_WIDTH)


def sized(image: Image, truth: Mask | None = None) -> Image:
    """Bring a picture to the size that the page shows, with the outline of a mask if given."""
    return outline_picture(image, truth, None, _SIDE_PX)


def read_picture(path: Path, what: str) -> Image:
    """Return a picture of a run folder, (H, W, 3) uint8.

    Raises:
        InputError: If it is missing.
    """
    require(path.is_file(), f"{path.parent.name}/{path.name}", what)
    with PilImage.open(path) as picture:
        return np.asarray(picture.convert("RGB"))


def _chosen(run: RunFolder) -> Iterator[tuple[str, pd.Series]]:
    """Yield titles and rows, no row twice."""
    kinds, quality = kind_labels(run.removal), run.removal[f"psnr_hvs_m/{run.schemes[0]}"]
    for kind in main_kinds(run.removal):
        order = quality[kinds == kind].sort_values(kind="stable").index
        yield f"{kind}, median", run.removal.loc[order[len(order) // 2]]
        if len(order) > 1:
            yield f"{kind}, worst", run.removal.loc[order[0]]


def _in_numbers(row: pd.Series, schemes: list[Scheme]) -> str:
    """Say which image it is and what was measured of it."""
    quality = [f"{each.label} {row[f'psnr_hvs_m/{each.name}']:.1f}" for each in schemes]
    dice = [f"{each.label} {row[f'dice/{each.name}']:.3f}" for each in schemes]
    untouched = f"untouched {row['psnr_hvs_m/input']:.1f}"
    values = f"PSNR-HVS-M {', '.join([untouched, *quality])} dB; Dice {', '.join(dice)}"
    return f"Image {image_name(row)}; {values}"


def _views(run: RunFolder, index: int, schemes: list[Scheme]) -> list[View]:
    """Return all pictures of an image, at one size."""
    annotated = read_picture(picture_path(run.root, ANNOTATED, index), "the annotated test image")
    others = {each.label: _output(run, index, own=each.own) for each in schemes}
    others["Clean"] = read_picture(
        picture_path(run.root, REFERENCES, index), "the clean test image"
    )
    pictures = {"Input": annotated, **others}
    difference = DifferenceMask().difference
    gone = {_gone(name): difference(annotated, other) for name, other in others.items()}
    truth = (gone[_gone("Clean")] > 0).astype(np.uint8)
    drawn = {name: sized(picture) for name, picture in pictures.items()}
    own = next(each.label for each in schemes if each.own)
    drawn[f"Mask, {own}"] = _outlined(others["Clean"], truth, run.prediction(index))
    drawn |= {name: sized(cv2.convertScaleAbs(each, alpha=GAIN)) for name, each in gone.items()}
    return [View(name=name, whole=picture) for name, picture in drawn.items()]


def _outlined(image: Image, truth: Mask, prediction: Mask) -> Image:
    """Outline both masks, the predicted one in dashes.

    The dashes go by place: an annotation is thin, and dashes of its two sides that were out of step
    would leave nothing of the true outline to be seen.
    """
    below = sized(image, truth)
    found = cv2.resize(prediction, below.shape[1::-1], interpolation=cv2.INTER_NEAREST)
    rows, columns = np.indices(below.shape[:2]) // np.reshape(_DASH_PX, (2, 1, 1))
    dashes = (rows + columns)[..., None] % 2 == 0
    return np.where(dashes, draw_contours(below, None, found), below)


def _output(run: RunFolder, index: int, *, own: bool) -> Image:
    path = picture_path(run.root, RESTORED if own else RIVAL, index)
    return read_picture(path, "the restored image of a test image")


def _gone(name: str) -> str:
    """Name the difference between the input and an image."""
    return f"{'Annotation' if name == 'Clean' else f'Removed by {name}'} x{GAIN}"
