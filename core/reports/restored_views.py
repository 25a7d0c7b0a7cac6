"""Pictures of a restored image beside what it was made from: the whole, and enlarged details."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PilImage

from core.checks import require
from core.reports.contours import Image, Mask, draw_each
from core.reports.run_folder import REFERENCES, RESTORED, RunFolder, picture_path

_SIDE_PX: Final = 960  # of the longer side of a whole picture
_ENLARGED: Final = 3  # details over whole pictures
DETAILS: Final = 3
"""Of a view at most; only where at least a fifth as much was removed as where most was."""
_LINE_PX: Final = 2
_WIDTH_SHARE, _ASPECT = 0.42, 1.14  # of a detail: its width in the image's, its height in its width
_FRAME_RGB: Final = (255, 214, 10)

Part = tuple[slice, slice]


@dataclass(frozen=True, kw_only=True)
class View:
    """One way to see a test image.

    Attributes:
        name: What it is, such as "Restored".
        whole: (h, w, 3) uint8, the whole image.
        details: (n, m, 3) uint8 each, enlarged parts, the same of every view; maybe none.
    """

    name: str
    whole: Image
    details: tuple[Image, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ViewedImage:
    """An image in several views.

    Attributes:
        title: Why it is shown.
        detail: Which image it is, and its numbers.
        views: Ways to see it, the same for all images of a figure.
    """

    title: str
    detail: str
    views: list[View]

    @property
    def detailed(self) -> list[View]:
        """The views that have details."""
        return [view for view in self.views if view.details]


def draw_views(
    run: RunFolder, index: int, image: Image, truth: Mask | None, prediction: Mask
) -> list[View]:
    """Draw an image, its restored and its noise-free form if that is known, and its outlines.

    All are at the resolution of the network, so that they differ by the restoration alone.

    Args:
        run: Where the restored image lies.
        index: Row of the source.
        image: (H, W) or (H, W, 3) uint8.
        truth: (H, W) uint8 class indices, or None.
        prediction: (H, W) uint8 class indices.

    Raises:
        InputError: If the run kept no restored image of this row.
    """
    path = picture_path(run.root, RESTORED, index)
    require(path.is_file(), f"{path.parent.name}/{path.name}", "the restored image of a test image")
    restored = _read(path)
    grey = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    observed = cv2.resize(grey, restored.shape[::-1], interpolation=cv2.INTER_AREA)
    views = {"Observation": observed, "Restored": restored}
    if (known := picture_path(run.root, REFERENCES, index)).is_file():
        views["Noise-free"] = _read(known)
    size = _sized(image.shape[:2], _SIDE_PX)
    outlined = [_fitted(mask, size, cv2.INTER_NEAREST) for mask in (truth, prediction)]
    removed = _fitted(cv2.absdiff(observed, restored), size, cv2.INTER_LINEAR)
    bone = np.logical_or.reduce([mask > 0 for mask in outlined if mask is not None])
    parts = _striking_parts(removed * bone.astype(np.float32))
    drawn = [_view(name, view, size, parts) for name, view in views.items()]
    _frame(drawn[0].whole, parts)
    outlines = draw_each(drawn[1].whole, *outlined, width_px=_LINE_PX)
    return [*drawn, View(name="Outlines", whole=outlines)]


def _read(path: Path) -> Image:
    with PilImage.open(path) as picture:
        return np.asarray(picture.convert("L"))


def _sized(size: tuple[int, ...], side_px: int) -> tuple[int, int]:
    """Return rows and columns of this aspect with this longer side."""
    factor = side_px / max(size)
    return max(1, round(size[0] * factor)), max(1, round(size[1] * factor))


def _fitted(values: NDArray[np.uint8] | None, size: tuple[int, int], how: int) -> Image | None:
    """Return values (H, W) at another size; None stays None."""
    return None if values is None else cv2.resize(values, size[::-1], interpolation=how)


def _view(name: str, view: Image, size: tuple[int, int], parts: list[Part]) -> View:
    """Draw a view and its details."""
    rows, columns = size[0] * _ENLARGED, size[1] * _ENLARGED
    large = cv2.resize(view, (columns, rows), interpolation=cv2.INTER_CUBIC)
    whole = cv2.resize(view, size[::-1], interpolation=cv2.INTER_CUBIC)
    details = (large[tuple(_times(side) for side in part)] for part in parts)
    return View(name=name, whole=_rgb(whole), details=tuple(map(_rgb, details)))


def _times(part: slice) -> slice:
    return slice(part.start * _ENLARGED, part.stop * _ENLARGED)


def _rgb(grey: Image) -> Image:
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(grey), cv2.COLOR_GRAY2RGB))


def _striking_parts(score: NDArray[np.float32]) -> list[Part]:
    """Return parts in which much was removed at bone, from top to bottom, no two of the same rows.

    Args:
        score: (h, w), what was removed where, 0 where there is no bone.
    """
    width = min(round(_WIDTH_SHARE * min(score.shape)), *score.shape)
    height = min(round(_ASPECT * width), score.shape[0])
    sums = cv2.boxFilter(score, cv2.CV_32F, (width, height), anchor=(0, 0), normalize=False)
    sums = sums[: score.shape[0] - height + 1, : score.shape[1] - width + 1]
    parts: list[Part] = []
    least = sums.max() / 5
    while len(parts) < DETAILS and sums.max() > max(0, least):
        top, left = map(int, np.unravel_index(sums.argmax(), sums.shape))
        parts.append((slice(top, top + height), slice(left, left + width)))
        sums[max(0, top - height) : top + height] = 0
    return sorted(parts, key=lambda part: part[0].start)


def _frame(picture: Image, parts: list[Part]) -> None:
    """Mark in place where the details are."""
    for rows, columns in parts:
        corners = (columns.start, rows.start), (columns.stop - 1, rows.stop - 1)
        cv2.rectangle(picture, *corners, _FRAME_RGB, 2)
