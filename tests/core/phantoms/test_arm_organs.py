import cv2
import numpy as np
import pytest

from core.phantoms.arm_organs import bone, layer, ovals, tendons, vessels
from core.phantoms.bmode import amplitude
from core.phantoms.hand import draw_hand
from core.phantoms.median_nerve import draw_nerve
from core.phantoms.pen import Pen
from core.phantoms.sketch import COARSE, Maps

SPACING_MM = 0.1
SIZE = (200, 200)


@pytest.fixture
def pen():
    return Pen(np.random.default_rng(0))


def painted(pen):
    maps = Maps(SIZE, -46.0)
    place = lambda points: points / SPACING_MM  # noqa: E731
    pen.sketch().paint(maps, place, sweep_mm=0.0, step_px=2.0)
    return maps


def level_db(maps, mask):
    """Mean echogenicity in a mask, above that of the ground."""
    tissue = maps.tissue(np.full(SIZE, 36, np.uint8))
    return 10 * np.log10((tissue[mask] ** 2).mean()) + 46.0


def test_ovals_are_closed_and_have_their_size(pen):
    made = ovals(pen, np.array([(3.0, 4.0), (9.0, 2.0)]), np.array([(2.0, 1.0), (1.0, 0.5)]))
    np.testing.assert_array_equal(made[:, 0], made[:, -1])
    areas = [cv2.contourArea(outline) for outline in made]
    assert areas == pytest.approx([2 * np.pi, 0.5 * np.pi], rel=0.15)


def drawn_tendon(seed):
    """Mean level of a tendon within its outline, and its area."""
    pen = Pen(np.random.default_rng(seed))
    tendons(pen, np.array([(10.0, 10.0)]), np.array([(2.4, 1.6)]))
    outline = pen.regions[1].outline
    mask = cv2.fillPoly(np.zeros(SIZE, np.uint8), [np.int32(outline / SPACING_MM)], 1) > 0
    return level_db(painted(pen), mask)


def drawn_nerve(seed):
    rng = np.random.default_rng(seed)
    pen, nerve = (
        Pen(rng),
        draw_hand(rng, rng, bifid=False).nerve.contours(0)[0] + np.float32([10, 10]),
    )
    draw_nerve(pen, nerve)
    mask = cv2.fillPoly(np.zeros(SIZE, np.uint8), [np.int32(nerve / SPACING_MM)], 1) > 0
    return level_db(painted(pen), mask)


def test_most_tendons_are_brighter_than_nerves_and_some_are_as_dark():
    nerves = np.array([drawn_nerve(seed) for seed in range(20)])
    levels = np.array([drawn_tendon(seed) for seed in range(60)])
    alike = levels < nerves.max() + 2
    assert 0.15 < alike.mean() < 0.45
    assert np.median(levels) > nerves.mean() + 6


def test_tendons_are_of_the_size_of_a_nerve():
    rng = np.random.default_rng(2)
    hands = [draw_hand(rng, rng, bifid=False) for _ in range(20)]
    sizes = np.concatenate([np.pi * hand.radii.prod(1) for hand in hands])
    nerves = np.array([hand.nerve.wrist_mm2 for hand in hands])
    assert np.mean((sizes > nerves.min()) & (sizes < 1.5 * nerves.max())) > 0.8


def test_nine_tendons_lie_in_the_tunnel_apart_from_each_other_and_the_nerve():
    rng = np.random.default_rng(5)
    for _ in range(20):
        tendon = draw_hand(rng, rng, bifid=False).tendons
        apart = np.hypot(*(tendon[:, None] - tendon[None]).T) + 10 * np.eye(9)
        assert len(tendon) == 9
        assert apart.min() > 1.5
        assert np.hypot(*tendon.T).min() > 2


def test_a_bone_shadows_what_lies_behind_it_and_nothing_beside_it(pen):
    x = np.arange(5, 15, 0.3)
    bone(pen, np.stack([x, np.full(len(x), 8.0)], 1).astype(np.float32))
    maps = painted(pen)
    passed = 20 * np.log10(maps.passed(SPACING_MM))
    absorption = pen.regions[-1].absorption
    assert passed[:70, 100] == pytest.approx(0, abs=0.01)
    assert passed[150:, 100] == pytest.approx(-2 * 3 * absorption, rel=0.2)
    assert passed[150:, 20] == pytest.approx(0, abs=0.01)
    assert passed[150, 100] < -8


def test_a_bone_has_a_bright_surface(pen):
    x = np.arange(5, 15, 0.3)
    bone(pen, np.stack([x, np.full(len(x), 8.0)], 1).astype(np.float32))
    echo = painted(pen).reflectors(-66.0).sum(1)
    assert abs(int(echo.argmax()) * SPACING_MM - 8.0) < 0.5
    assert echo[:70].sum() == 0


def test_blood_is_black_and_echoes_behind_it_are_enhanced(pen):
    vessels(pen, np.array([(10.0, 6.0)]), np.array([(1.5, 1.2)]))
    maps = painted(pen)
    assert maps.tissue(np.full(SIZE, 36, np.uint8))[60, 100] < amplitude(-70)
    assert maps.passed(SPACING_MM)[100, 100] > 1.1
    assert maps.attenuation[100 // COARSE, 20 // COARSE] == 0


def test_a_muscle_is_dark_with_bright_strands_inside_its_layer(pen):
    x = np.arange(0, 20, 0.3)
    top, bottom = (np.stack([x, np.full(len(x), y)], 1).astype(np.float32) for y in (5.0, 12.0))
    layer(pen, top, bottom)
    maps, mask = painted(pen), np.zeros(SIZE, bool)
    mask[60:110, 20:180] = True
    echo = maps.reflectors(-66.0)
    assert level_db(maps, mask) < -5
    assert echo[50:120].sum() > 0.95 * echo.sum()
