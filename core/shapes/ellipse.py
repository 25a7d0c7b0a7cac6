"""The ellipse that a mask amounts to, and how much of an ellipse the mask is.

Most clinicians draw the median nerve as an ellipse (median nerve paper, discussion of Fig. 5G).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import atan2, ceil, cos, floor, hypot, nan, pi, sin, sqrt

import cv2
import numpy as np
from numpy.typing import NDArray

from core.checks import require

Mask = NDArray[np.uint8]

_PIXEL_VARIANCE = 1 / 12  # of a square of side 1 about its centre


@dataclass(frozen=True, kw_only=True)
class Ellipse:
    """A filled ellipse on a pixel grid; the centre of the pixel in row r, column c is (r, c).

    Attributes:
        row, column: Centre.
        semi_major_px, semi_minor_px: Half the longest and half the shortest diameter, > 0.
        angle_rad: From the column axis to the longest diameter, towards rising rows; -pi/2..pi/2.
    """

    row: float
    column: float
    semi_major_px: float
    semi_minor_px: float
    angle_rad: float

    @property
    def area_px(self) -> float:
        """Area in pixels."""
        return pi * self.semi_major_px * self.semi_minor_px

    def scaled(self, factor: float) -> Ellipse:
        """Return the ellipse with both axes multiplied by a factor > 0."""
        return replace(
            self,
            semi_major_px=self.semi_major_px * factor,
            semi_minor_px=self.semi_minor_px * factor,
        )

    def with_area(self, area_px: float) -> Ellipse:
        """Return the ellipse of the same place and form with this area."""
        return self.scaled(sqrt(area_px / self.area_px))


def moment_ellipse(mask: Mask) -> Ellipse:
    """Return the ellipse with the mask's centre of mass and its area-normalised second moments.

    A filled ellipse has the variances a^2/4 and b^2/4 along its semi-axes a and b; the mask is
    taken as the area that its pixels cover, so that each adds 1/12 of its own. A mask that is no
    ellipse is smaller than this one: of all shapes of one area with the same aspect the ellipse
    has the smallest moments.

    Args:
        mask: (H, W) uint8, non-zero inside, not empty.

    Raises:
        InputError: If the mask is empty.
    """
    moments = cv2.moments(mask, binaryImage=True)
    area = moments["m00"]
    require(area > 0, "mask", "one with foreground, an empty one has no ellipse")
    xx, yy = (moments[key] / area + _PIXEL_VARIANCE for key in ("mu20", "mu02"))
    xy = moments["mu11"] / area
    middle, half_span = (xx + yy) / 2, hypot((xx - yy) / 2, xy)  # eigenvalues: middle +- half_span
    return Ellipse(
        row=moments["m01"] / area,
        column=moments["m10"] / area,
        semi_major_px=2 * sqrt(middle + half_span),
        semi_minor_px=2 * sqrt(max(middle - half_span, _PIXEL_VARIANCE)),
        angle_rad=atan2(2 * xy, xx - yy) / 2,
    )


def draw(ellipse: Ellipse, size: tuple[int, int]) -> Mask:
    """Return the mask (H, W) uint8 of the pixels whose centres lie in an ellipse: 1, others 0.

    Args:
        ellipse: May reach beyond the grid; what lies there is cut off.
        size: Rows and columns of the grid.
    """
    mask = np.zeros(size, np.uint8)
    a, b = ellipse.semi_major_px, ellipse.semi_minor_px
    along, across = cos(ellipse.angle_rad), sin(ellipse.angle_rad)
    rows = _span(ellipse.row, hypot(a * across, b * along), size[0])
    columns = _span(ellipse.column, hypot(a * along, b * across), size[1])
    y, x = np.ogrid[rows, columns]
    dy, dx = y - ellipse.row, x - ellipse.column
    major, minor = (dx * along + dy * across) / a, (dy * along - dx * across) / b
    mask[rows, columns] = major**2 + minor**2 <= 1
    return mask


def ellipticity(mask: Mask) -> float:
    """Return the IoU of a mask with its own moment ellipse, scaled to the mask's area.

    1 for an ellipse up to the coarseness of the pixel grid, 0.83 for every rectangle, NaN for an
    empty mask. The image's border plays no part: the ellipse may reach beyond it.

    Args:
        mask: (H, W) uint8, non-zero inside.
    """
    left, top, width, height = cv2.boundingRect(mask)
    if width == 0:
        return nan
    box = mask[top : top + height, left : left + width]
    area = cv2.countNonZero(box)
    ellipse = moment_ellipse(box).with_area(area)
    shared = np.count_nonzero(box[draw(ellipse, (height, width)) > 0])
    return shared / (2 * area - shared)  # both have the same area


def _span(centre: float, reach: float, length: int) -> slice:
    """Return the pixels of one axis whose centres lie within reach, as far as the grid goes."""
    first = min(max(ceil(centre - reach), 0), length)
    return slice(first, max(min(floor(centre + reach) + 1, length), first))
