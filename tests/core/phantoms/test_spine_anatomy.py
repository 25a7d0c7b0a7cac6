import math

import numpy as np
import pytest

from core.phantoms.spine_anatomy import (
    LEVELS,
    LUMBAR,
    RIB,
    THORACIC,
    Vertebra,
    draw_bones,
    stack,
)
from core.phantoms.spine_curve import Bend, SpineCurve

TOP = np.array([60.0, 15.0])
BENT = SpineCurve((Bend(200, 300, 40),))


def straight_bones(seed=0):
    return draw_bones(np.random.default_rng(seed), stack(SpineCurve(), TOP, 440))


def middles(bones, kind, side):
    return np.array([b.outline.mean(0) for b in bones if (b.kind, b.side) == (kind, side)])


def test_stack_has_twelve_thoracic_and_five_lumbar_vertebrae_from_end_to_end():
    vertebrae = stack(BENT, TOP, 440)
    assert tuple(vertebra.name for vertebra in vertebrae) == LEVELS
    assert LEVELS[0] == "T1"
    assert LEVELS[11:13] == ("T12", "L1")
    assert LEVELS[-1] == "L5"
    assert sum(vertebra.height_mm for vertebra in vertebrae) == pytest.approx(440)
    first, last = vertebrae[0], vertebrae[-1]
    assert first.centre_mm[1] - first.height_mm / 2 == pytest.approx(15)
    assert last.centre_mm[1] + last.height_mm / 2 == pytest.approx(455)


def test_vertebrae_lie_on_the_curve_and_tilt_with_it():
    for vertebra in stack(BENT, TOP, 440):
        x, y = vertebra.centre_mm
        assert x == pytest.approx(60 + BENT.offset_mm(y - 15))
        assert vertebra.tilt_deg == pytest.approx(BENT.tilt_deg(y - 15))


def test_points_along_a_tilted_vertebra_follow_its_tangent():
    vertebra = Vertebra("T5", (10.0, 20.0), 30.0, 22.0)
    c, s = math.cos(math.radians(30)), math.sin(math.radians(30))
    placed = vertebra.placed(np.array([[0, 0], [0, 2], [2, 0]], np.float32))
    expected = [[10, 20], [10 + 2 * s, 20 + 2 * c], [10 + 2 * c, 20 - 2 * s]]
    np.testing.assert_allclose(placed, expected, rtol=1e-6)


def test_every_vertebra_has_its_pair_and_thoracic_ones_a_pair_of_ribs():
    bones = straight_bones()
    for side in (-1, 1):
        for kind, count in ((RIB, 12), (THORACIC, 12), (LUMBAR, 5)):
            assert sum((bone.kind, bone.side) == (kind, side) for bone in bones) == count


@pytest.mark.parametrize("kind", [THORACIC, LUMBAR])
def test_pairs_lie_symmetrically_about_the_midline(kind):
    bones = straight_bones()
    left, right = middles(bones, kind, -1), middles(bones, kind, 1)
    assert (right[:, 0] - left[:, 0] > 25).all()
    assert np.abs((left + right)[:, 0] / 2 - 60).max() < 1.5
    assert np.abs((left - right)[:, 1]).max() < 3


def test_pairs_stay_symmetrical_about_a_tilted_vertebra():
    vertebrae = {vertebra.name: vertebra for vertebra in stack(BENT, TOP, 440)}
    bones = draw_bones(np.random.default_rng(1), list(vertebrae.values()))
    centres = np.array([vertebrae[b.level].centre_mm for b in bones if b.kind == THORACIC])
    mean = np.array([b.outline.mean(0) for b in bones if b.kind == THORACIC])
    middle = (mean[::2] + mean[1::2]) / 2
    assert np.hypot(*(middle - centres[::2]).T).max() < 2
    rise = np.degrees(np.arctan2(*(mean[1::2] - mean[::2]).T[::-1]))
    tilts = [vertebra.tilt_deg for vertebra in list(vertebrae.values())[:12]]
    assert np.abs(rise + tilts).max() < 5  # the pair's line is square to the tangent


def test_ribs_leave_sideways_and_downwards():
    for rib in (bone for bone in straight_bones() if bone.kind == RIB):
        out = rib.side * (rib.outline[:, 0] - 60)
        near, far = (rib.outline[pick, 1].mean() for pick in (out < 25, out > out.max() - 5))
        assert out.min() > 0
        assert far > near


def test_bones_of_neighbours_on_one_side_do_not_swap():
    for kind in (THORACIC, LUMBAR):
        assert (np.diff(middles(straight_bones(), kind, 1)[:, 1]) > 10).all()
