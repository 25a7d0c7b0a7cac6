"""The contact sheet of a prediction: a page of thumbnails with predicted outlines."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.files import replace_text
from core.reports.contours import (
    STRUCTURE_RGB,
    Image,
    Mask,
    outline_picture,
    outline_structures,
)
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
        restored: (H, W) uint8, what the network made of the image before it segmented it; None of
            networks that segment the image itself.
    """

    name: str
    image: Image
    mask: Mask
    spacing_mm: tuple[float, float] = (math.nan, math.nan)
    presence: float | None = None
    structures: tuple[str, ...] = ("structure",)
    masses: tuple[int, ...] = (1,)
    restored: Image | None = None


@dataclass(frozen=True, kw_only=True)
class _Thumbnail:
    """What the page keeps of an image, its views as data URIs: small enough to hold hundreds."""

    name: str
    views: dict[str, str]
    lines: tuple[str, ...]
    found: tuple[bool, ...]
    tall: bool


def write_prediction_page(
    output_dir: Path, rows: Iterable[PredictedImage], *, title: str, model: str
) -> Path:
    """Write a self-contained page of thumbnails with predicted outlines.

    A restored image is shown beside what it was made from, and bears the outlines: it is what was
    segmented. Rows are taken one by one, so an iterator that reads images as it goes needs memory
    for one. A picture takes about 20 kB of the page, a tall one 40 kB.

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
    found = _summary([thumbnail.found for thumbnail in thumbnails], structures)
    text = render(PAGE, title=title, model=model, found=found, thumbnails=thumbnails, legend=legend)
    replace_text(page, text)
    return page


def _summary(found: list[tuple[bool, ...]], structures: tuple[str, ...]) -> str:
    """Say how many images there are, and in how many of them each structure was found."""
    images = f"{len(found)} image" + ("" if len(found) == 1 else "s")
    counts = {name: sum(each[n] for each in found) for n, name in enumerate(structures)}
    if not any(counts.values()):
        said = "nothing was found"
    elif len(found) == 1:
        names = [name for name, count in counts.items() if count]
        said = f"found: {', '.join(names)}" if len(counts) > 1 else "the structure was found"
    elif len(counts) == 1:
        said = f"the structure was found in {sum(counts.values())}"
    else:
        said = "found: " + ", ".join(f"{name} in {count}" for name, count in counts.items())
    return f"{images}; {said}."


def _thumbnail(row: PredictedImage) -> _Thumbnail:
    """Shrink an image, outline its prediction and put its measures into words."""
    lines = [_measures(row, number) for number in range(len(row.structures))]
    if row.presence is not None:
        lines.append(f"presence {row.presence:.0%}")
    return _Thumbnail(
        name=row.name,
        views={name: jpeg_uri(view, _JPEG_QUALITY) for name, view in _views(row).items()},
        lines=tuple(lines),
        found=tuple(bool((row.mask == n).any()) for n in range(1, len(row.structures) + 1)),
        tall=row.mask.shape[0] > row.mask.shape[1],
    )


def _views(row: PredictedImage) -> dict[str, Image]:
    """Draw the image with its outlines, and what it was before if it is a restored one."""
    if row.restored is None:
        return {"Outlines": outline_structures(row.image, row.mask, _SIDE_PX)}
    return {
        "Observation": outline_picture(row.image, None, None, _SIDE_PX),
        "Restored": outline_picture(row.restored, None, None, _SIDE_PX),
        "Outlines": outline_structures(row.restored, row.mask, _SIDE_PX),
    }


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
