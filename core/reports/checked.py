"""The contact sheet of a check: which image carries which annotation, and what is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.files import replace_text
from core.reports.contours import STRUCTURE_RGB, Image, Mask, outline_structures
from core.reports.templates import jpeg_uri, render

PAGE: Final = "annotations.html"

_TEMPLATE: Final = "checked.html"
_SIDE_PX: Final = 360
_JPEG_QUALITY: Final = 75


@dataclass(frozen=True, kw_only=True)
class CheckedImage:
    """One image that annotations were looked for in.

    Attributes:
        name: What the reader knows it by: the file's name inside its folder.
        image: (H, W) or (H, W, 3), uint8.
        mask: (H, W) uint8, where the found kinds are: their numbers from 1 up, 0 elsewhere.
        confidences: How sure it is that each kind is there, 0..1, in the order of the numbers.
        found: The kinds that are there.
        missing: The kinds that are not, and should be.
    """

    name: str
    image: Image
    mask: Mask
    confidences: Mapping[str, float]
    found: Sequence[str]
    missing: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class _Thumbnail:
    """What the page keeps of an image: small enough to hold hundreds."""

    name: str
    uri: str
    confidences: Mapping[str, float]
    found: Sequence[str]
    missing: Sequence[str]

    @property
    def said(self) -> str:
        """What was found and what is missing, for readers who cannot see it."""
        found = f"found: {', '.join(self.found) or 'nothing'}"
        return f"{found}; missing: {', '.join(self.missing)}" if self.missing else found


def write_checked_page(
    output_dir: Path, rows: Iterable[CheckedImage], *, required: Sequence[str]
) -> Path:
    """Write a self-contained page of images with the annotations found, incomplete ones first.

    Rows are taken one by one, so an iterator that checks images as it goes needs memory for one. A
    picture takes about 20 kB of the page.

    Args:
        output_dir: Where annotations.html goes; made if need be.
        rows: The images; among those that miss as many annotations their order is kept.
        required: The kinds that each image should carry.

    Returns:
        Path of the page.
    """
    sheet = sorted(map(_thumbnail, rows), key=lambda item: -len(item.missing))
    kinds = list(sheet[0].confidences) if sheet else []
    parts = {
        "Incomplete": [item for item in sheet if item.missing],
        "Complete": [item for item in sheet if not item.missing],
    }
    text = render(
        _TEMPLATE,
        summary=_summary(sheet),
        required=required,
        parts={title: items for title, items in parts.items() if items},
        colours=dict(zip(kinds, STRUCTURE_RGB, strict=False)),
    )
    page = Path(output_dir) / PAGE
    replace_text(page, text)
    return page


def _thumbnail(row: CheckedImage) -> _Thumbnail:
    """Shrink an image, its found annotations outlined."""
    return _Thumbnail(
        name=row.name,
        uri=jpeg_uri(outline_structures(row.image, row.mask, _SIDE_PX), _JPEG_QUALITY),
        confidences=row.confidences,
        found=row.found,
        missing=row.missing,
    )


def _summary(sheet: Sequence[_Thumbnail]) -> str:
    """Say how many images there are, how many are complete, and what the others miss."""
    images = f"{len(sheet)} image" + ("" if len(sheet) == 1 else "s")
    counts = Counter(kind for item in sheet for kind in item.missing)
    incomplete = sum(bool(item.missing) for item in sheet)
    if not incomplete:
        return f"{images}; no required annotation is missing."
    missing = ", ".join(f"{kind} in {count}" for kind, count in counts.most_common())
    return f"{images}, {incomplete} of them incomplete; missing: {missing}."
