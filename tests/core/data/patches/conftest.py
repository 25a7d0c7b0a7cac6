"""Images whose edges are known: smooth on the left, striped on the right, black at the border."""

import numpy as np
import pytest

from core.data.gridded import GriddedSource
from core.grids import Grid

GRID = Grid(size=(48, 64))


def scene(seed):
    """An image (96, 128) with its mask, stripes four rows apart in the right half, and what is known."""
    rng = np.random.default_rng(seed)
    reference = np.full((96, 128), 100, np.uint8) + rng.integers(0, 3, (96, 128), dtype=np.uint8)
    striped = np.zeros_like(reference)
    striped[:, 64:] = 1
    image = reference.copy()
    image[::8, 64:] += 120
    image[1::8, 64:] += 120
    image[:, :24] = reference[:, :24] = 0
    mask = rng.integers(0, 4, (12, 16), dtype=np.uint8).repeat(8, axis=0).repeat(8, axis=1)
    return {"image": image, "mask": mask, "reference": reference, "striped": striped}


@pytest.fixture
def scenes(listed):
    """Six scenes of three subjects, as a simulated source gives them."""
    source = listed([np.zeros((96, 128), np.uint8)] * 6, subjects="AABBCC")
    source.samples = [scene(seed) for seed in range(6)]
    return source


@pytest.fixture
def gridded(scenes):
    """The scenes on a grid of 48 x 64."""
    return GriddedSource(scenes, GRID)
