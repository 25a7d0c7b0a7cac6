"""Random scatterers: the tissue grain that a scanner turns into speckle.

A key and an elevation always give the same field, whatever was drawn before, in any process.
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
    return np.asarray(values / values.std(), np.float32)


_NORMAL = _quantiles()


def scatterers(
    size: tuple[int, int], key: tuple[int, ...], *, elevation: float = 0.0, shift: int = 0
) -> Floats:
    """Draw the scatterers that a probe sees at one elevation of a sweep.

    The sweep passes independent slices at whole elevations; in between, two neighbours are mixed at
    constant power, so elevations e and e + d between the same slices correlate by cos(pi d / 2).
    Normal deviates are looked up from random bytes: 256 levels, many times faster than a normal
    generator, and no global state.

    Args:
        size: Rows and columns.
        key: Non-negative integers that name the tissue, e.g. (seed, subject); as many each time,
            since zeros at the end make no difference.
        elevation: Place along the sweep, >= 0, in slice thicknesses.
        shift: Columns by which the tissue has moved to the right; at most all of them.

    Returns:
        Float32 (rows, 2, columns), in phase and in quadrature; zero mean, unit variance.
    """
    first = math.floor(elevation)
    angle = (elevation - first) * math.pi / 2
    field = _slice(size, (*key, first), shift, math.cos(angle))
    if angle:
        field += _slice(size, (*key, first + 1), shift, math.sin(angle))
    return field


def _slice(size: tuple[int, int], key: tuple[int, ...], shift: int, scale: float) -> Floats:
    rows, columns = size
    # one long row of bytes, cut up with a lead of one line: what leaves a line enters the next
    count, start = 2 * rows * columns, columns - shift
    bits = np.random.SFC64(key).random_raw(-(-(count + 2 * columns) // 8)).view(np.uint8)
    window = bits[start : start + count].reshape(rows, -1)
    return np.asarray(cv2.LUT(window, _NORMAL * np.float32(scale))).reshape(rows, 2, columns)
