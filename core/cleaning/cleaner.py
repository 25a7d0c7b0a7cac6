"""Taking annotations off one image, and leaving all else as it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal, NamedTuple

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from core.checks import require
from core.grids import Grid
from core.restoration.tiles import Restore, restore_in_tiles

Pixels = NDArray[np.uint8]
Difference = Callable[[Pixels, Pixels], Pixels]

MARGIN_PX: Final = 2
"""Around what was found: an annotation's smoothed edge differs too little to be found itself."""

_OVERLAP_SHARE: Final = 4  # of a tile's shorter side, one part of so many


class Cleaned(NamedTuple):
    """An image without its annotations.

    Attributes:
        image: uint8, grey (H, W) or RGB (H, W, 3) as the image was.
        mask: (H, W) uint8, 1 where annotations were found and 2 px around them.
    """

    image: Pixels
    mask: Pixels


class Cleaner:
    """Takes from a network the pixels of annotations; all others stay equal to the bit.

    A network that restores an image alters all of it a little, and a tool that removes annotations
    must not alter tissue: a reader, and whatever is trained on the images, would take the
    network's invention for the patient. So its output counts only where it differs clearly from
    the image, and a margin of 2 px around.

    Args:
        restore: Images (B, 3, h, w) float32 in 0..1 in and out.
        grid: What the network was trained on; larger images come in tiles of its size.
        difference: Image and restored image in, both (H, W) or both (H, W, 3) uint8; mask (H, W) of
            0 and 1 out, such as `core.shapes.DifferenceMask`.
        whole: Take every pixel from the network instead.
        scale: The network sees images resized by this, for annotations that are larger or smaller
            than in its training; what it gives is brought back to the image's size. "fit" takes
            the scale at which each image would fill the grid, as in the training.
        device: What `restore` works on.

    Raises:
        InputError: If the scale is not positive.
    """

    def __init__(
        self,
        restore: Restore,
        *,
        grid: Grid,
        difference: Difference,
        whole: bool = False,
        scale: float | Literal["fit"] = 1.0,
        device: torch.device | str = "cpu",
    ) -> None:
        require(scale == "fit" or scale > 0, "--scale", "a positive number or 'fit'", scale)
        self.restore, self.grid, self.difference = restore, grid, difference
        self.whole, self.scale, self.device = whole, scale, device

    def __call__(self, image: Pixels) -> Cleaned:
        """Clean an image (H, W) or (H, W, 3) uint8."""
        height, width = image.shape[:2]
        seen = _resized(image, *self._size_seen(height, width))
        restored = self._restored(seen)
        found = _grown(self.difference(seen, restored))
        mask = cv2.resize(found, (width, height), interpolation=cv2.INTER_NEAREST)
        taken = (mask > 0) | self.whole
        inside = taken if image.ndim == 2 else taken[..., None]
        return Cleaned(np.where(inside, _resized(restored, height, width), image), mask)

    def _size_seen(self, height: int, width: int) -> tuple[int, int]:
        """Return the size at which the network sees an image of this size."""
        if self.scale == "fit":
            _, _, rows, columns = self.grid.box((height, width)).tolist()
            return rows, columns
        return max(1, round(height * self.scale)), max(1, round(width * self.scale))

    @torch.no_grad()
    def _restored(self, image: Pixels) -> Pixels:
        """Return what the network makes of an image; of a grey one, the luma.

        It is mirrored beyond its edges, where networks that pad with zeros see contours.
        """
        tile = self.grid.size
        overlap = min(tile) // _OVERLAP_SHARE
        frame = overlap // 2
        rgb = cv2.cvtColor(image, cv2.COLOR_GRAY2RGB) if image.ndim == 2 else image
        framed = cv2.copyMakeBorder(rgb, *(frame,) * 4, cv2.BORDER_REFLECT)
        levels = torch.from_numpy(framed).permute(2, 0, 1).to(self.device)
        shown = restore_in_tiles(self.restore, levels / 255, tile=tile, overlap=overlap)
        inside = (slice(frame, frame + side) for side in image.shape[:2])
        bytes_ = (shown[:, *inside] * 255).round().clamp(0, 255).to(torch.uint8).permute(1, 2, 0)
        restored: Pixels = np.ascontiguousarray(bytes_.cpu().numpy())
        return restored if image.ndim == 3 else cv2.cvtColor(restored, cv2.COLOR_RGB2GRAY)


def _grown(mask: Pixels) -> Pixels:
    """Return a mask with its margin."""
    side = 2 * MARGIN_PX + 1
    grown: Pixels = cv2.dilate((mask > 0).astype(np.uint8), np.ones((side, side)))
    return grown


def _resized(image: Pixels, height: int, width: int) -> Pixels:
    """Resize an image: averaged where it gets smaller, interpolated where it gets larger."""
    if image.shape[:2] == (height, width):
        return image
    smaller = height < image.shape[0] or width < image.shape[1]
    method = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    resized: Pixels = cv2.resize(image, (width, height), interpolation=method)
    return resized
