"""The contact sheet of a prediction: a page of thumbnails with predicted outlines."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.files import replace_text
from core.reports.contours import Image, Mask, outline_picture
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
        mask: (H, W), non-zero where the structure is predicted.
        spacing_mm: Height and width of a pixel in mm; NaN where unknown.
        presence: Probability that the structure is there at all, 0 to 1; None if the model has
            no such output.
        masses: Separate masses that the prediction lies in; more than one is told.
    """

    name: str
    image: Image
    mask: Mask
    spacing_mm: tuple[float, float] = (math.nan, math.nan)
    presence: float | None = None
    masses: int = 1


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
    thumbnails = [_thumbnail(row) for row in rows]
    page = Path(output_dir) / PAGE
    replace_text(page, render(PAGE, title=title, model=model, thumbnails=thumbnails))
    return page


def _thumbnail(row: PredictedImage) -> _Thumbnail:
    """Shrink an image, outline its prediction and put its measures into words."""
    picture = outline_picture(row.image, None, row.mask, _SIDE_PX)
    pixels = int((row.mask != 0).sum())
    lines = [f"{pixels} px"] if pixels else ["nothing found"]
    area_mm2 = pixels * row.spacing_mm[0] * row.spacing_mm[1]
    if pixels and not math.isnan(area_mm2):
        lines.append(f"{area_mm2:.1f} mm²")
    if row.masses > 1:
        lines.append(f"{row.masses} separate masses")
    if row.presence is not None:
        lines.append(f"presence {row.presence:.0%}")
    return _Thumbnail(
        name=row.name, uri=jpeg_uri(picture, _JPEG_QUALITY), lines=tuple(lines), empty=not pixels
    )
