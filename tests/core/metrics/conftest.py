"""Pairs of masks that the tests of metrics share."""

import numpy as np
import pytest


def _ellipse(size, centre, radii):
    rows, columns = np.ogrid[: size[0], : size[1]]
    return ((rows - centre[0]) / radii[0]) ** 2 + ((columns - centre[1]) / radii[1]) ** 2 <= 1


@pytest.fixture(scope="session")
def mask_pairs():
    """Twelve pairs (prediction, truth) on non-square grids, with specks, some at the border."""
    rng = np.random.default_rng(3)
    pairs = []
    for size in [(90, 130), (130, 90), (64, 200)] * 4:
        pair = []
        for _ in range(2):
            centre, radii = rng.uniform(0, 1, 2) * size, rng.uniform(5, 30, 2)
            pair.append(_ellipse(size, centre, radii) | (rng.random(size) < 0.001))
        pairs.append(tuple(pair))
    return pairs
