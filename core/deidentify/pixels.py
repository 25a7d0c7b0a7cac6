"""Which pixels of a cine go over, and the blanking of all others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from core.deidentify.record import Refused
from core.dicom.pixels import Pixels
from core.dicom.regions import Region

Inside = npt.NDArray[np.bool_]

_PICTURES: Final = (1, 2, 3, 4)  # Region Spatial Format: 2-D, M-mode, spectral, waveform
_MOST: Final = 0.98  # of an image; regions that cover more do not say where its text lies


def pictures_of(regions: Iterable[Region]) -> list[Region]:
    """Return the regions with a picture (PS3.3 C.8.5.5): neither graphics nor of no format."""
    return [region for region in regions if region.spatial_format in _PICTURES]


def inside_of(size: tuple[int, int], regions: Sequence[Region], *, top_rows: int = 0) -> Inside:
    """Return the pixels that go over: those of regions with a picture.

    Args:
        size: Rows and columns.
        regions: What the header states; without any, only `top_rows` tells.
        top_rows: Rows at the top that are blanked beside, the way of the thesis (echo_views,
            section 3.1), whose machines burn in names there only.

    Returns:
        (H, W), True where pixels are kept.

    Raises:
        Refused: If there is no such region and no `top_rows`, or regions cover all of the image.
    """
    pictures = pictures_of(regions)
    if not pictures and not top_rows:
        raise Refused("states no ultrasound region")
    inside = np.full(size, not pictures)
    for region in pictures:
        inside[region.y0 : region.y1 + 1, region.x0 : region.x1 + 1] = True
    inside[:top_rows] = False
    if inside.mean() > _MOST:
        raise Refused("its regions cover the whole image")
    if not inside.any():
        raise Refused("nothing of the image would be left")
    return inside


def blanked(frames: Iterable[Pixels], inside: Inside) -> Iterator[Pixels]:
    """Yield frames that are 0 outside.

    Args:
        frames: Each (H, W) or (H, W, 3) uint8, black = 0.
        inside: (H, W) of what is kept.
    """
    for frame in frames:
        yield np.where(inside if frame.ndim == 2 else inside[..., None], frame, np.uint8(0))
