"""Random graphics beside the image, so that a network learns not to look at the screen's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import albumentations
import cv2
import numpy as np

from core.annotations.kind import Bytes, Stamp, pick
from core.checks import nearest, require
from core.data.fan_sector import Mask, outside_sector
from core.data.screen_elements import ELEMENTS

SCREEN_ROWS: Final = 600
"""Elements are drawn for a screen of so many rows, and then made smaller with it."""


class RandomGraphics(albumentations.ImageOnlyTransform):  # type: ignore[misc]
    """Draws text, icons, scales, traces, boxes and bars at random places outside the sector.

    Where the sector is, is found in each image itself, see `outside_sector`; an element for which
    there is no room is left out, and no pixel of the sector ever changes. Grey images get grey
    elements. Use it before transforms that move the image.

    Args:
        count: Least and greatest number of elements.
        elements: Which ones, each as often: names in `ELEMENTS`; None for all.
        p: Probability of drawing any.

    Raises:
        InputError: If an element is unknown or a number is out of range.

    References:
        D. Pop, LiTH-ISY-EX--20/5288--SE, Sections 5.5 and 6.1, which propose it and leave it open.
    """

    def __init__(
        self,
        *,
        count: tuple[int, int] = (2, 8),
        elements: Sequence[str] | None = None,
        p: float = 0.5,
    ) -> None:
        super().__init__(p=p)
        rising = len(count) == 2 and 0 <= count[0] <= count[1]
        require(rising, "count", "least and greatest number of elements", count)
        names = tuple(ELEMENTS if elements is None else elements)
        require(names, "elements", "at least one", "none")
        for name in names:
            hint = f"names of {', '.join(ELEMENTS)}{nearest(name, ELEMENTS)}"
            require(name in ELEMENTS, "elements", hint, name)
        self.count, self.elements = tuple(count), names

    def get_params_dependent_on_data(
        self, params: dict[str, Any], data: dict[str, Any]
    ) -> dict[str, Any]:
        """Draw one image's elements and where they lie."""
        rng, free = self.random_generator, outside_sector(data["image"])
        number = int(rng.integers(self.count[0], self.count[1] + 1)) if free.any() else 0
        drawn = (self._drawn(free.shape) for _ in range(number))
        placed = (_placed(rgba, free, rng) for rgba in drawn)
        return {"stamps": [stamp for stamp in placed if stamp is not None]}

    def apply(self, img: Bytes, *args: Any, **params: Any) -> Bytes:
        """Return a copy of the image (H, W) or (H, W, 3) with the elements on it."""
        image = img.copy()
        for stamp in params["stamps"]:
            _lay(stamp, image)
        return image

    def _drawn(self, shape: tuple[int, int]) -> Bytes:
        """Return an element (h, w, 4) at the scale of an image of this shape."""
        rng = self.random_generator
        scale = min(shape[0] / SCREEN_ROWS, 1.0)
        screen = round(shape[0] / scale), round(shape[1] / scale)
        rgba = ELEMENTS[pick(rng, self.elements)](rng, screen)
        height, width = (max(round(side * scale), 1) for side in rgba.shape[:2])
        return np.asarray(cv2.resize(rgba, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _placed(rgba: Bytes, free: Mask, rng: np.random.Generator) -> Stamp | None:
    """Lay it wholly on free pixels, each such place as likely; None where there is none."""
    height, width = rgba.shape[:2]
    if height > free.shape[0] or width > free.shape[1]:
        return None
    taken = cv2.integral((~free).astype(np.uint8))
    inside = taken[height:, width:] - taken[:-height, width:] - taken[height:, :-width]
    places = np.flatnonzero(inside + taken[:-height, :-width] == 0)
    if not len(places):
        return None
    top, left = divmod(int(places[int(rng.integers(len(places)))]), inside.shape[1])
    return Stamp(top, left, rgba)


def _lay(stamp: Stamp, image: Bytes) -> None:
    """Lay a stamp over an image, in colour or grey as the image is."""
    height, width = stamp.rgba.shape[:2]
    region = image[stamp.top : stamp.top + height, stamp.left : stamp.left + width]
    ink = cv2.cvtColor(stamp.rgba, cv2.COLOR_RGBA2RGB)
    see_through = 255 - stamp.rgba[..., 3]
    if image.ndim == 2:
        ink = cv2.cvtColor(ink, cv2.COLOR_RGB2GRAY)
    else:
        see_through = cv2.merge([see_through] * 3)
    region[:] = cv2.add(cv2.multiply(region, see_through, scale=1 / 255), ink)
