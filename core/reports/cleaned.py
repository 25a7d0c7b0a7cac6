"""The contact sheet of a cleaning: each image before and after, and what was removed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from core.files import replace_text
from core.reports.contours import Image, Mask, outline_picture
from core.reports.templates import jpeg_uri, render

PAGE: Final = "cleaned.html"
MOST: Final = 300
"""Images shown; more make a page that browsers are slow to open."""

_SIDE_PX: Final = 420
_JPEG_QUALITY: Final = 80
_ROOM: Final = 90  # around what is outlined: the image's longer side over this
_GAIN: Final = 4  # of what was removed at most, so that what is hardly there is not blown up


@dataclass(frozen=True, kw_only=True)
class CleanedImage:
    """One image that annotations were taken off.

    Attributes:
        name: What the reader knows it by: the file's name inside its folder.
        image: (H, W) or (H, W, 3), uint8.
        cleaned: The same without annotations.
        mask: (H, W) uint8, non-zero where annotations were found.
        annotations: How many separate places.
    """

    name: str
    image: Image
    cleaned: Image
    mask: Mask
    annotations: int


@dataclass(frozen=True, kw_only=True)
class _Thumbnail:
    """What the page keeps of an image, its views as data URIs: small enough to hold hundreds."""

    name: str
    views: dict[str, str]
    said: str
    tall: bool


def write_cleaned_page(output_dir: Path, rows: Iterable[CleanedImage], *, model: str) -> Path:
    """Write a self-contained page of images before and after, and what was removed.

    Rows are taken one by one, so an iterator that cleans images as it goes needs memory for one.
    All are counted, the first 300 are shown; one takes about 80 kB of the page.

    Args:
        output_dir: Where cleaned.html goes; made if need be.
        rows: The images, in the order to be shown.
        model: What cleaned, such as project and run.

    Returns:
        Path of the page.
    """
    thumbnails: list[_Thumbnail] = []
    found: list[bool] = []
    for row in rows:
        found.append(row.annotations > 0)
        if len(thumbnails) < MOST:
            thumbnails.append(_thumbnail(row))
    page = Path(output_dir) / PAGE
    replace_text(page, render(PAGE, model=model, found=_summary(found), thumbnails=thumbnails))
    return page


def _summary(found: list[bool]) -> str:
    """Say how many images there are, in how many something was found, and how many are shown."""
    images = f"{len(found)} image" + ("" if len(found) == 1 else "s")
    shown = f" The first {MOST} are shown." if len(found) > MOST else ""
    return f"{images}; annotations were found in {sum(found)}.{shown}"


def _thumbnail(row: CleanedImage) -> _Thumbnail:
    views = {
        "Input": outline_picture(row.image, None, _widened(row.mask), _SIDE_PX),
        "Cleaned": outline_picture(row.cleaned, None, None, _SIDE_PX),
        "Removed": outline_picture(_removed(row), None, None, _SIDE_PX),
    }
    return _Thumbnail(
        name=row.name,
        views={name: jpeg_uri(view, _JPEG_QUALITY) for name, view in views.items()},
        said=_said(row),
        tall=row.mask.shape[0] > row.mask.shape[1],
    )


def _widened(mask: Mask) -> Mask:
    """Return a mask whose outline leaves room to see what it encloses."""
    side = 2 * (max(mask.shape) // _ROOM) + 1
    widened: Mask = cv2.dilate(mask, np.ones((side, side)))
    return widened


def _removed(row: CleanedImage) -> Image:
    """Return how much each pixel changed, brightened so that it can be seen."""
    change = np.abs(row.image.astype(np.float32) - row.cleaned)
    gain = min(_GAIN, 255 / max(float(change.max()), 1.0))
    brightened: Image = np.rint(change * gain).astype(np.uint8)
    return brightened


def _said(row: CleanedImage) -> str:
    """Say in how many places annotations were found, and how much of the image they are."""
    if not row.annotations:
        return "nothing found"
    plural = "" if row.annotations == 1 else "s"
    share = float((row.mask != 0).mean())
    return f"found in {row.annotations} place{plural} · {share:.1%} of the image"
