"""How far the outlines of two masks lie apart: Hausdorff distance and its 95th percentile."""

from __future__ import annotations

from math import ceil, floor, nan
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import KDTree
from scipy.spatial.distance import cdist

from core.checks import require
from core.metrics.masks import BoolArray, Mask, as_pair

FloatArray = NDArray[np.float64]

CROSS = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
# Up to here the table of all distances is faster than two trees; beyond it would also grow large.
LARGEST_TABLE = 500_000


class OutlineDistance(NamedTuple):
    """Distances between two outlines, in pixels and in mm; NaN where undefined or unknown."""

    hd_px: float
    hd95_px: float
    hd_mm: float
    hd95_mm: float


UNDEFINED = OutlineDistance(nan, nan, nan, nan)


def hausdorff(prediction: Mask, truth: Mask, spacing_mm: ArrayLike = (nan, nan)) -> OutlineDistance:
    """Measure how far the outlines of two masks of one image lie apart.

    An outline is the foreground pixels that have a background pixel, or the image's border, among
    their four neighbours. HD is the largest distance from a pixel of either outline to the nearest
    of the other. HD95 is the larger of the two directed 95th percentiles, interpolated linearly
    (MONAI's convention; pooling both directions, as others do, gives smaller values).

    Args:
        prediction: Mask (H, W), bool or uint8; whatever is not 0 is foreground.
        truth: Mask of the same shape.
        spacing_mm: Distance between rows and between columns in mm; NaN where unknown.

    Returns:
        The four distances; all NaN where either mask is empty, those in mm NaN without spacing.

    Raises:
        InputError: If either is not a mask, the shapes differ, or the spacing is not two positive
            numbers.
    """
    prediction, truth = as_pair(prediction, truth)
    spacing = np.asarray(spacing_mm, dtype=np.float64)
    positive = spacing.shape == (2,) and not (spacing <= 0).any()
    require(positive, "spacing_mm", "two positive numbers, row and column", spacing)
    points, others = outline(prediction), outline(truth)
    if not (len(points) and len(others)):
        return UNDEFINED
    hd_px, hd95_px = _hd_and_hd95(points, others)
    if spacing[0] == spacing[1]:
        return OutlineDistance(hd_px, hd95_px, hd_px * spacing[0], hd95_px * spacing[0])
    if np.isnan(spacing).any():
        return OutlineDistance(hd_px, hd95_px, nan, nan)
    return OutlineDistance(hd_px, hd95_px, *_hd_and_hd95(points * spacing, others * spacing))


def outline(mask: BoolArray) -> FloatArray:
    """Return row and column (n, 2) of the pixels of a bool mask (H, W) that touch its outside."""
    left, top, width, height = cv2.boundingRect(mask.view(np.uint8))
    if width == 0:
        return np.empty((0, 2))
    box = mask[top : top + height, left : left + width].view(np.uint8)
    inside = cv2.erode(box, CROSS, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    rows, columns = np.nonzero(box != inside)
    return np.stack((rows + top, columns + left), axis=1).astype(np.float64)


def _hd_and_hd95(points: FloatArray, others: FloatArray) -> tuple[float, float]:
    """Return the larger of the two directed maxima, and of the two directed 95th percentiles."""
    there, back = (np.sort(distances) for distances in _nearest(points, others))
    return max(there[-1], back[-1]), max(_percentile_95(there), _percentile_95(back))


def _nearest(points: FloatArray, others: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return each point's distance to the nearest of the others, and the other way round."""
    if len(points) * len(others) > LARGEST_TABLE:
        return KDTree(others).query(points)[0], KDTree(points).query(others)[0]
    squared = cdist(points, others, "sqeuclidean")
    return np.sqrt(squared.min(axis=1)), np.sqrt(squared.min(axis=0))


def _percentile_95(ordered: FloatArray) -> float:
    """Interpolate linearly, as `np.percentile` does, which takes ten times longer on so few."""
    place = 0.95 * (len(ordered) - 1)
    low, high = ordered[floor(place)], ordered[ceil(place)]
    return float(low + (high - low) * (place - floor(place)))
