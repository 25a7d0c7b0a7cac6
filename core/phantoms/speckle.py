"""Random scatterers: the tissue grain that a scanner turns into speckle.

A key and an elevation always give the same field, whatever was drawn before and in whatever process.
"""

from __future__ import annotations

import math
from statistics import NormalDist

import cv2
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


def _quantiles() -> Floats:
    """Return the 256 standard-normal values, of unit variance, that a random byte stands for."""
    normal = NormalDist()
    values = np.array([normal.inv_cdf((byte + 0.5) / 256) for byte in range(256)])
    return (values / values.std()).astype(np.float32)


_NORMAL = _quantiles()


def scatterers(
    shape: tuple[int, int, int], key: tuple[int, ...], *, elevation: float = 0.0
) -> Floats:
    """Draw the scatterer field that a probe sees at one elevation of a sweep.

    The sweep passes through independent slices at whole elevations; in between, the two
    neighbours are mixed at constant power, so fields at elevations e and e + d
    (d < 1, same interval) correlate by cos(pi d / 2). Normal deviates are looked up from random
    bytes: 256 levels, seven times faster than a normal generator, and no global state.

    Args:
        shape: Rows, planes (two for each look: I and Q) and columns.
        key: Non-negative integers that name the tissue, e.g. (seed, subject).
        elevation: Place along the sweep, >= 0, in slice thicknesses.

    Returns:
        Float32 array of the given shape, zero mean, unit variance.
    """
    first = math.floor(elevation)
    angle = (elevation - first) * math.pi / 2
    field = _slice(shape, (*key, first), math.cos(angle))
    if angle:
        field += _slice(shape, (*key, first + 1), math.sin(angle))
    return field


def _slice(shape: tuple[int, int, int], key: tuple[int, ...], scale: float) -> Floats:
    rows, planes, columns = shape
    count = rows * planes * columns
    bits = np.random.SFC64(key).random_raw(-(-count // 8))
    picked = cv2.LUT(bits.view(np.uint8)[:count].reshape(rows, -1), _NORMAL * np.float32(scale))
    return picked.reshape(shape)
