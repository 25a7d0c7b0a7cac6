"""Pairs of nerve-like masks: ellipses with wobbly outlines, and the same shifted and deformed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BoolArray = NDArray[np.bool_]


def blob_pairs(
    count: int, size: tuple[int, int], seed: int = 0
) -> tuple[list[BoolArray], list[BoolArray]]:
    """Draw predictions and truths.

    Args:
        count: Pairs to draw.
        size: Rows and columns of each mask, in pixels.
        seed: Seed of the shapes.

    Returns:
        Two lists of bool masks (H, W), about 60 rows by 120 columns of foreground each.
    """
    rng = np.random.default_rng(seed)
    predictions, truths = [], []
    for _ in range(count):
        centre = rng.uniform(0.35, 0.65, 2) * size
        radii = rng.uniform(0.75, 1.25, 2) * (30, 60)
        waves = rng.normal(0, 0.06, (2, 6))
        truths.append(_blob(size, centre, radii, waves))
        moved, stretched = centre + rng.normal(0, 8, 2), radii * rng.uniform(0.85, 1.15, 2)
        predictions.append(_blob(size, moved, stretched, waves + rng.normal(0, 0.04, (2, 6))))
    return predictions, truths


def _blob(size: tuple[int, int], centre: NDArray, radii: NDArray, waves: NDArray) -> BoolArray:
    """Fill an ellipse whose radius is modulated by sines and cosines of 1 to 6 turns."""
    rows, columns = np.ogrid[: size[0], : size[1]]
    y, x = (rows - centre[0]) / radii[0], (columns - centre[1]) / radii[1]
    angle = np.arctan2(y, x)
    turns = np.arange(1, waves.shape[1] + 1)[:, None, None]
    wobble = np.tensordot(waves[0], np.cos(turns * angle), 1)
    wobble += np.tensordot(waves[1], np.sin(turns * angle), 1)
    return np.asarray(np.hypot(y, x) < 1 + wobble)
