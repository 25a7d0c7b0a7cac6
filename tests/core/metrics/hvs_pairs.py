"""Pairs of images for PSNR-HVS-M by formula, and the measure in loops, as its authors write it."""

import numpy as np
from scipy.fft import dctn, idctn

# The authors' tables as printed in psnrhvsm.m, by row and column of the coefficient.
CSF = np.array([
    [1.608443, 2.339554, 2.573509, 1.608443, 1.072295, 0.643377, 0.504610, 0.421887],
    [2.144591, 2.144591, 1.838221, 1.354478, 0.989811, 0.443708, 0.428918, 0.467911],
    [1.838221, 1.979622, 1.608443, 1.072295, 0.643377, 0.451493, 0.372972, 0.459555],
    [1.838221, 1.513829, 1.169777, 0.887417, 0.504610, 0.295806, 0.321689, 0.415082],
    [1.429727, 1.169777, 0.695543, 0.459555, 0.378457, 0.236102, 0.249855, 0.334222],
    [1.072295, 0.735288, 0.467911, 0.402111, 0.317717, 0.247453, 0.227744, 0.279729],
    [0.525206, 0.402111, 0.329937, 0.295806, 0.249855, 0.212687, 0.214459, 0.254803],
    [0.357432, 0.279729, 0.270896, 0.262603, 0.229778, 0.257351, 0.249855, 0.259950],
])  # fmt: skip
MASK = np.array([
    [0.390625, 0.826446, 1.000000, 0.390625, 0.173611, 0.062500, 0.038447, 0.026874],
    [0.694444, 0.694444, 0.510204, 0.277008, 0.147929, 0.029727, 0.027778, 0.033058],
    [0.510204, 0.591716, 0.390625, 0.173611, 0.062500, 0.030779, 0.021004, 0.031888],
    [0.510204, 0.346021, 0.206612, 0.118906, 0.038447, 0.013212, 0.015625, 0.026015],
    [0.308642, 0.206612, 0.073046, 0.031888, 0.021626, 0.008417, 0.009426, 0.016866],
    [0.173611, 0.081633, 0.033058, 0.024414, 0.015242, 0.009246, 0.007831, 0.011815],
    [0.041649, 0.024414, 0.016437, 0.013212, 0.009426, 0.006830, 0.006944, 0.009803],
    [0.019290, 0.011815, 0.011080, 0.010412, 0.007972, 0.010000, 0.009426, 0.010203],
])  # fmt: skip


def by_loops(image, reference):
    """Score two images (h, w) of levels 0..255 block by block; incomplete blocks are left out."""
    errors = []
    for top in range(0, image.shape[0] - 7, 8):
        for left in range(0, image.shape[1] - 7, 8):
            here = slice(top, top + 8), slice(left, left + 8)
            errors.append(_error(image[here].astype(float), reference[here].astype(float)))
    error = np.mean(errors)
    return 100.0 if error == 0 else 10 * np.log10(255**2 / error)


def _error(block, other):
    spectra = dctn(block, norm="ortho"), dctn(other, norm="ortho")
    masking = max(_masking(block, spectra[0]), _masking(other, spectra[1]))
    total = 0.0
    for k in range(8):
        for n in range(8):
            seen = abs(spectra[0][k, n] - spectra[1][k, n])
            if (k, n) != (0, 0):
                seen = max(seen - masking / MASK[k, n], 0.0)
            total += (seen * CSF[k, n]) ** 2
    return total / 64


def _masking(block, spectrum):
    energy = (MASK * spectrum**2).sum() - MASK[0, 0] * spectrum[0, 0] ** 2
    if (whole := _spread(block)) == 0:
        return 0.0
    quadrants = sum(_spread(block[y : y + 4, x : x + 4]) for y in (0, 4) for x in (0, 4))
    return np.sqrt(max(energy, 0) * quadrants / whole) / 32


def _spread(values):
    return values.var(ddof=1) * values.size


def smooth(size):
    """Draw slow waves with a fine texture on them (h, w) uint8."""
    y, x = np.ogrid[: size[0], : size[1]]
    waves = 115 + 55 * np.sin(x / 9) * np.cos(y / 13) + 25 * np.sin(x * y / 300)
    return np.round(waves + 3 * ((5 * x + 3 * y) % 7)).astype(np.uint8)


def noise(size, width):
    """Draw whole numbers in 0..width-1, (h, w), by a linear congruential generator."""
    state, drawn = 12345, np.empty(size, np.int64)
    for place in np.ndindex(size):
        state = (1103515245 * state + 12345) % 2**31
        drawn[place] = (state >> 16) % width
    return drawn


def _box(image):
    rows, columns = np.pad(image.astype(np.int64), 1, mode="edge"), image.shape
    shifts = [rows[y : y + columns[0], x : x + columns[1]] for y in range(3) for x in range(3)]
    return sum(shifts) // 9


def _quantised(image, step=25.3):
    coarse = np.empty(image.shape)
    for top in range(0, image.shape[0], 8):
        for left in range(0, image.shape[1], 8):
            here = slice(top, top + 8), slice(left, left + 8)
            spectrum = dctn(image[here].astype(float), norm="ortho")
            coarse[here] = idctn(step * np.round(spectrum / step), norm="ortho")
    return np.round(coarse)


def _annotated(image):
    marked = image.astype(np.int64)
    marked[10:14, 6:30] = 230
    marked[10:40, 20] = 250
    return marked


def hvs_pairs():
    """Return pairs (changed, clean) of (h, w) uint8 by the kind of change; sides are 8 n."""
    one, other = smooth((64, 80)), smooth((48, 40))
    grainy = other + 3 * noise(other.shape, 20) - 30
    changed = {
        "noise": (one + noise(one.shape, 31) - 15, one),
        "blur": (_box(grainy), grainy),
        "quantised": (_quantised(grainy), grainy),
        "contrast": (one.astype(np.int64) * 5 // 4 - 20, one),
        "annotation": (_annotated(one), one),
        "faint": (one + noise(one.shape, 3) - 1, one),
    }
    return {
        kind: tuple(np.clip(image, 0, 255).astype(np.uint8) for image in pair)
        for kind, pair in changed.items()
    }
