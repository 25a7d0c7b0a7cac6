import math

import cv2
import numpy as np
import pytest

from core.phantoms.pen import Pen
from core.phantoms.plexus import draw_plexus, packed


@pytest.mark.parametrize("seed", range(10))
def test_roots_do_not_touch_each_other(seed):
    circles = packed(np.random.default_rng(seed), 4.0, 2.4)
    pairs = [(a, b) for i, a in enumerate(circles) for b in circles[:i]]
    assert len(circles) >= 2
    assert all(math.hypot(a[0] - b[0], a[1] - b[1]) > a[2] + b[2] for a, b in pairs)


@pytest.mark.parametrize("seed", range(10))
def test_the_contour_holds_the_roots(seed):
    pen = Pen(np.random.default_rng(seed))
    contour, _ = draw_plexus(pen, 2.0, 12.0)
    roots = np.concatenate([region.outline for region in pen.regions[1:]])
    inside = [cv2.pointPolygonTest(contour, point.tolist(), False) >= 0 for point in roots]
    assert np.mean(inside) > 0.9
