"""Where on a machine's screen the ultrasound image is, found from the pixels alone."""

from __future__ import annotations

from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Mask = NDArray[np.bool_]

_SIDE: Final = 80  # pixels: larger images are looked at smaller
_DARK: Final = 5  # grey levels: what compression leaves of black
_BLUR: Final = 0.008  # shares of the shorter side from here on
_GAP: Final = 0.1  # dark gaps inside the sector that are bridged
_THIN: Final = 0.05  # text and scales are thinner than that, the sector nowhere
_MARGIN: Final = 0.025
_PART: Final = 0.2  # of the largest region: what is as large is part of the sector


def outside_sector(image: Pixels) -> Mask:
    """Return the pixels (H, W) that are surely not of the sector; text on them does not matter.

    The sector is the convex hull of the large bright regions, text and thin lines left out, and a
    margin around it. Where there is no such region nothing is outside.

    Args:
        image: (H, W) or (H, W, 3) uint8.
    """
    level = image.max(axis=2) if image.ndim == 3 else image
    scale = min(_SIDE / min(level.shape), 1.0)
    small = cv2.resize(level, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    outside = _outside(np.asarray(small, np.uint8)).view(np.uint8)
    full = cv2.resize(outside, level.shape[::-1], interpolation=cv2.INTER_NEAREST)
    return np.asarray(full > 0)


def _outside(level: Pixels) -> Mask:
    side = min(level.shape)
    smooth = cv2.GaussianBlur(level, (0, 0), max(_BLUR * side, 0.4))
    bright = (smooth > _DARK).astype(np.uint8)
    closed = cv2.morphologyEx(bright, cv2.MORPH_CLOSE, _disc(_GAP * side))
    dark_beyond = {"borderType": cv2.BORDER_CONSTANT, "borderValue": 0}  # or bars at the edge stay
    opened = cv2.morphologyEx(closed, cv2.MORPH_OPEN, _disc(_THIN * side), **dark_beyond)
    regions = _large_regions(np.asarray(opened, np.uint8))
    if not regions.any():
        return np.zeros(level.shape, np.bool_)
    hull = np.zeros(level.shape, np.uint8)
    corners = cv2.convexHull(cv2.findNonZero(regions))
    cv2.fillConvexPoly(hull, corners, 1)
    grown = cv2.dilate(hull, _disc(2 * _MARGIN * side + 3))
    return np.asarray(grown == 0)


def _large_regions(bright: Pixels) -> Pixels:
    """Keep the largest connected region, and others that are not much smaller."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(bright, connectivity=8)
    areas = stats[:, cv2.CC_STAT_AREA].copy()
    areas[0] = 0  # the background
    kept = (areas > 0) & (areas >= _PART * areas.max())
    return np.asarray(kept[labels], np.uint8)


def _disc(diameter: float) -> Any:
    size = max(round(diameter), 1) | 1
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
