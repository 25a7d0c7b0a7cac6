"""PSNR-HVS-M: likeness of two images as seen, with contrast sensitivity and contrast masking."""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.checks import require

Borders = Literal["covered", "dropped"]
FloatArray = NDArray[np.float64]

SIDE: Final = 8  # pixels of a block
CEILING_DB: Final = 100.0
_PEAK: Final = 255.0
_BT601: Final = (0.299, 0.587, 0.114)
_JPEG: Final = (
    (16, 11, 10, 16, 24, 40, 51, 61),
    (12, 12, 14, 19, 26, 58, 60, 55),
    (14, 13, 16, 24, 40, 57, 69, 56),
    (14, 17, 22, 29, 51, 87, 80, 62),
    (18, 22, 37, 56, 68, 109, 103, 77),
    (24, 35, 55, 64, 81, 104, 113, 92),
    (49, 64, 78, 87, 103, 121, 120, 101),
    (72, 92, 95, 98, 112, 100, 103, 99),
)  # luminance quantisation of ITU-T T.81, Table K.1: both of the authors' tables derive from it


def psnr_hvs_m(image: Tensor, reference: Tensor, *, borders: Borders = "covered") -> Tensor:
    """Return the peak signal-to-noise ratio of images as an eye sees their differences, in dB.

    Both images are cut into blocks of 8 x 8 pixels, levels 0..255, and transformed (DCT-II,
    orthonormal) to X and Y. What an eye makes of the difference of a coefficient k is

        e_k = CSF_k max(|X_k - Y_k| - m / M_k, 0),    m = max(m(X), m(Y)),
        m(X) = sqrt(sum_k M_k X_k^2 * sum_q V(q) / V(X)) / 32,

    where the sums leave out k = 0, whose difference nothing masks; V is the variance of a block or
    of one of its quadrants q (4 x 4 pixels, of the sample) times its number of pixels. The result
    is 10 log10(255^2 / mean e^2), over all coefficients of all blocks.

    Images that are equal, or whose differences all are masked, get 100 dB, and no others get more:
    there the authors' program says 100000, and a mean over images would be lost.

    Costs some 550 additions and multiplications a pixel, nearly all in two products of a matrix
    with the blocks, and in float32 some 2 KB of working memory a block.

    Args:
        image: (..., h, w) in 0..1, floating; less than float32 is converted to it.
        reference: Of the same shape. Exchanging both changes nothing.
        borders: Where a side is no multiple of 8, "covered" lays the last blocks flush with the far
            edge, over a part of their neighbours, so that every pixel counts; "dropped" leaves out
            incomplete blocks, as the authors' program does.

    Returns:
        (...), float32 or, where an image is, float64. Its gradients are finite everywhere, and 0
        where it is 100 dB.

    Raises:
        InputError: If the shapes differ, a side has less than 8 pixels, or the type is integer.

    References:
        Ponomarenko et al., On between-coefficient contrast masking of DCT basis functions, VPQM
        2007, Eq. 1-5, and the program psnrhvsm.m; Egiazarian et al., VPQM 2006 (PSNR-HVS).
    """
    _check(image, reference, borders)
    kind = torch.promote_types(torch.promote_types(image.dtype, reference.dtype), torch.float32)
    image, reference = _PEAK * image.to(kind), _PEAK * reference.to(kind)
    transform, sensitivity, weights = (torch.as_tensor(of).to(image) for of in _TABLES)
    with torch.autocast(image.device.type, enabled=False):
        values = _blocks(image, borders) @ transform
        differences = _blocks(image - reference, borders) @ transform  # exactly 0 where equal
        masking = torch.maximum(_masking(values, weights), _masking(values - differences, weights))
    thresholds = masking[..., None] * torch.where(weights > 0, 1 / weights, 0)
    seen = (differences[..., : SIDE**2].abs() - thresholds).relu() * sensitivity
    error = seen.square().mean((-2, -1)) / _PEAK**2
    return -10 * error.clamp(min=10 ** (-CEILING_DB / 10)).log10()


def luma(rgb: Tensor) -> Tensor:
    """Return the luma 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601) of colour images.

    Pillow's mode "L" has the same weights but rounds to whole levels; nothing is rounded here.

    Args:
        rgb: (..., 3, h, w), floating.

    Returns:
        (..., h, w) of the same type.

    Raises:
        InputError: If there are not three channels.
    """
    three = rgb.dim() >= 3 and rgb.shape[-3] == len(_BT601) and rgb.is_floating_point()
    require(three, "rgb", "floating, of shape (..., 3, h, w)", rgb)
    red, green, blue = rgb.unbind(-3)
    return _BT601[0] * red + _BT601[1] * green + _BT601[2] * blue


def _check(image: Tensor, reference: Tensor, borders: str) -> None:
    require(borders in ("covered", "dropped"), "borders", "'covered' or 'dropped'", borders)
    fits = image.dim() >= 2 and min(image.shape[-2:]) >= SIDE
    require(fits, "image", f"(..., h, w), {SIDE} pixels or more to a side", image)
    same = f"shape {tuple(image.shape)} like the image's"
    require(reference.shape == image.shape, "reference", same, reference)
    for name, given in (("image", image), ("reference", reference)):
        require(given.is_floating_point(), name, "floating values in 0..1", given)


def _blocks(image: Tensor, borders: Borders) -> Tensor:
    """Cut images (..., h, w) into blocks (..., n, 64)."""
    for axis in (-2, -1):
        image = _whole_blocks(image, axis, borders)
    *batch, height, width = image.shape
    blocks = image.reshape(*batch, height // SIDE, SIDE, width // SIDE, SIDE).transpose(-3, -2)
    return blocks.reshape(*batch, -1, SIDE**2)


def _whole_blocks(image: Tensor, axis: int, borders: Borders) -> Tensor:
    """Bring an axis to a multiple of 8: without the rest of it, or with the last 8 once more."""
    side = image.shape[axis]
    whole = image.narrow(axis, 0, side - side % SIDE)
    if borders == "dropped" or side % SIDE == 0:
        return whole
    return torch.cat([whole, image.narrow(axis, side - SIDE, SIDE)], axis)


def _masking(values: Tensor, weights: Tensor) -> Tensor:
    """Return m of blocks, (..., n), from their coefficients and what varies in their quadrants."""
    power = values.square()
    coefficients, within = power[..., : SIDE**2], power[..., SIDE**2 :].sum(-1)
    varied = coefficients[..., 1:].sum(-1).clamp(min=torch.finfo(values.dtype).tiny)
    masking = (coefficients @ weights) * (within / varied) * _SAMPLE / 32**2
    some = masking > 0  # the root's slope at 0 is infinite
    return torch.where(some, masking, 1).sqrt() * some


def _tables() -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return what transforms a block (64, 128), the sensitivities (64,) and the weights M (64,).

    Half of the transform is the DCT, the other half takes the mean of its quadrant off each pixel.
    The tables are the authors', who give six decimals; M is 0 for k = 0, which takes no part.
    """
    step = np.ravel(_JPEG).astype(np.float64)
    weights = np.round((10 / step) ** 2, 6)
    weights[0] = 0
    frequency, place = np.arange(SIDE)[:, None], np.arange(SIDE)
    dct = np.cos(np.pi * frequency * (2 * place + 1) / (2 * SIDE)) * np.sqrt(2 / SIDE)
    dct[0] /= np.sqrt(2)
    half = np.kron(np.eye(2), np.full((SIDE // 2, SIDE // 2), 2 / SIDE))  # means of the halves
    within = np.eye(SIDE**2) - np.kron(half, half)
    transform = np.vstack([np.kron(dct, dct), within]).T.copy()
    return transform, np.round(25.73509 / step, 6), weights


_TABLES: Final = _tables()
_SAMPLE: Final = (16 / 15) / (64 / 63)  # variances of samples: of quadrants over that of the block
