"""The contact sheet of a prediction: a page of thumbnails with predicted outlines."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.files import replace_text
from core.reports.contours import STRUCTURE_RGB, Image, Mask, outline_structures
from core.reports.templates import jpeg_uri, render

PAGE: Final = "predictions.html"

_SIDE_PX: Final = 360
_JPEG_QUALITY: Final = 75


@dataclass(frozen=True, kw_only=True)
class PredictedImage:
    """One image that a model was applied to.

    Attributes:
        name: What the reader knows it by: the file's name without folders.
        image: (H, W) or (H, W, 3), uint8.
        mask: (H, W) uint8 class indices of the predicted structures, 0 = background.
        spacing_mm: Height and width of a pixel in mm; NaN where unknown.
        presence: Probability that the structure is there at all, 0 to 1; None if the model has
            no such output.
        structures: Name of each structure, in the order of the mask's values from 1 up.
        masses: Separate masses that each structure lies in; more than one is told.
    """

    name: str
    image: Image
    mask: Mask
    spacing_mm: tuple[float, float] = (math.nan, math.nan)
    presence: float | None = None
    structures: tuple[str, ...] = ("structure",)
    masses: tuple[int, ...] = (1,)


@dataclass(frozen=True, kw_only=True)
class _Thumbnail:
    """What the page keeps of an image: small enough to hold hundreds."""

    name: str
    uri: str
    lines: tuple[str, ...]
    empty: bool


def write_prediction_page(
    output_dir: Path, rows: Iterable[PredictedImage], *, title: str, model: str
) -> Path:
    """Write a self-contained page of thumbnails with predicted outlines.

    Rows are taken one by one, so an iterator that reads images as it goes needs memory for one.
    A thumbnail takes about 20 kB of the page.

    Args:
        output_dir: Where predictions.html goes; made if need be.
        rows: The images with their predictions, in the order to be shown.
        title: Heading, such as the name of the folder of images.
        model: What predicted, such as project and run.

    Returns:
        Path of the page.
    """
    thumbnails: list[_Thumbnail] = []
    structures: tuple[str, ...] = ()
    for row in rows:
        structures = row.structures
        thumbnails.append(_thumbnail(row))
    page = Path(output_dir) / PAGE
    legend = list(zip(structures, STRUCTURE_RGB, strict=False))
    text = render(PAGE, title=title, model=model, thumbnails=thumbnails, legend=legend)
    replace_text(page, text)
    return page


def _thumbnail(row: PredictedImage) -> _Thumbnail:
    """Shrink an image, outline its prediction and put its measures into words."""
    picture = outline_structures(row.image, row.mask, _SIDE_PX)
    lines = [_measures(row, number) for number in range(len(row.structures))]
    if row.presence is not None:
        lines.append(f"presence {row.presence:.0%}")
    return _Thumbnail(
        name=row.name,
        uri=jpeg_uri(picture, _JPEG_QUALITY),
        lines=tuple(lines),
        empty=not row.mask.any(),
    )


def _measures(row: PredictedImage, number: int) -> str:
    """Say how large a structure is, and in how many masses it lies."""
    pixels = int((row.mask == number + 1).sum())
    area_mm2 = pixels * row.spacing_mm[0] * row.spacing_mm[1]
    said = [f"{pixels} px"] if pixels else ["nothing found"]
    if pixels and not math.isnan(area_mm2):
        said.append(f"{area_mm2:.1f} mm²")
    if row.masses[number] > 1:
        said.append(f"{row.masses[number]} separate masses")
    words = " · ".join(said)
    return f"{row.structures[number]}: {words}" if len(row.structures) > 1 else words
