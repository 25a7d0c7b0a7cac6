"""Two pixel grids: the image's own and the network's; the way there and the way back.

A network takes one size, images come in many. An image is laid into the network's grid, either
stretched or with its aspect kept and the rest left black. The box that it fills travels with it,
and brings every prediction back to the image's own grid before anything is measured there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import cv2
import numpy as np
import numpy.typing as npt

from core.checks import require

Array = npt.NDArray[Any]
Size = tuple[int, int]

_HALF = 127  # of a share of 254
_ENLARGE = cv2.INTER_LINEAR
_SHRINK = {"area": cv2.INTER_AREA, "cubic": cv2.INTER_CUBIC}


@dataclass(frozen=True, kw_only=True)
class Grid:
    """The network's pixel grid, and how images are laid into it.

    Attributes:
        size: Rows and columns that the network takes.
        keep_aspect: Keep the image's aspect and leave the rest black; False stretches it.
        shrink: How images get smaller: "area" averages, "cubic" samples and may alias.
    """

    size: Size
    keep_aspect: bool = False
    shrink: Literal["area", "cubic"] = "area"

    def __post_init__(self) -> None:
        """Refuse sizes that are no sizes."""
        require(
            len(self.size) == 2 and min(self.size) > 0,
            "size",
            "rows and columns, both positive",
            self.size,
        )
        require(self.shrink in _SHRINK, "shrink", " or ".join(_SHRINK), self.shrink)

    def box(self, image_size: Size) -> npt.NDArray[np.int64]:
        """Return top, left, height and width of an image of this size (H, W) inside the grid."""
        rows, columns = self.size
        if not self.keep_aspect:
            return np.array([0, 0, rows, columns])
        scale = min(rows / image_size[0], columns / image_size[1])
        height, width = (max(1, round(side * scale)) for side in image_size)
        return np.array([(rows - height) // 2, (columns - width) // 2, height, width])

    def lay_image(self, image: Array) -> Array:
        """Lay an image (H, W) or (H, W, C) uint8 into the grid; what it does not fill is 0."""
        height, width = (int(side) for side in self.box(image.shape[:2])[2:])
        smaller = height < image.shape[0] or width < image.shape[1]
        method = _SHRINK[self.shrink] if smaller else _ENLARGE
        return self._lay(
            cv2.resize(np.ascontiguousarray(image), (width, height), interpolation=method)
        )

    def lay_mask(self, mask: Array) -> Array:
        """Lay a mask (H, W) of class indices into the grid, each class by majority of area."""
        highest = int(mask.max())
        if highest < 2:  # one class, the common case: its own share decides
            share = self._share(mask) if highest else np.zeros(self.box(mask.shape)[2:], np.uint8)
            return self._lay((share > _HALF).astype(np.uint8))
        shares = [self._share(mask == index) for index in range(highest + 1)]
        return self._lay(np.argmax(shares, axis=0).astype(np.uint8))

    def _share(self, inside: Array) -> Array:
        """How much of each pixel of the grid's box lies inside, 0 to 254."""
        height, width = (int(side) for side in self.box(inside.shape[:2])[2:])
        counted = inside.astype(np.uint8) * np.uint8(2 * _HALF)
        share: Array = cv2.resize(counted, (width, height), interpolation=cv2.INTER_AREA)
        return share

    def _lay(self, resized: Array) -> Array:
        rows, columns = self.size
        height, width = resized.shape[:2]
        if (height, width) == (rows, columns):
            return resized
        canvas = np.zeros((rows, columns, *resized.shape[2:]), resized.dtype)
        top, left = (rows - height) // 2, (columns - width) // 2
        canvas[top : top + height, left : left + width] = resized
        return canvas


def restore(values: Array, box: npt.NDArray[np.int64], original_size: Size) -> Array:
    """Bring values on the network's grid back to the image's own grid, bilinearly.

    Args:
        values: (h, w) or (K, h, w) float32 on the network's grid.
        box: Top, left, height, width of the image inside that grid, from `Grid.box`.
        original_size: Rows and columns of the image.

    Returns:
        (H, W) or (K, H, W) float32.
    """
    if values.ndim == 3:
        return np.stack([restore(each, box, original_size) for each in values])
    top, left, height, width = (int(number) for number in box)
    inside = np.ascontiguousarray(values[top : top + height, left : left + width])
    rows, columns = (int(side) for side in original_size)
    restored: Array = cv2.resize(inside, (columns, rows), interpolation=cv2.INTER_LINEAR)
    return restored
