import cv2
import numpy as np
import pytest

from core.phantoms.spine_anatomy import LUMBAR, RIB, THORACIC, draw_bones, stack
from core.phantoms.spine_curve import Bend, SpineCurve
from core.phantoms.spine_projection import Sweep, draw_sweep, projection

SPACING_MM, SIZE = 0.8, (600, 150)
TOP = np.array([60.0, 15.0])
STRAIGHT = SpineCurve()


def drawn(curve=STRAIGHT, seed=0, band=None):
    """A projection, its bones and the midline in columns."""
    rng = np.random.default_rng(seed)
    vertebrae = stack(curve, TOP, 450)
    bones = draw_bones(rng, vertebrae)
    midline = 60 + curve.offset_mm((np.arange(SIZE[0]) + 0.5) * SPACING_MM - 15)
    seen = np.ones(SIZE, np.float32) if band is None else band
    return projection(rng, midline, vertebrae, bones, seen, SPACING_MM), bones, midline / SPACING_MM


def mask_of(bones, kind):
    mask = np.zeros(SIZE, np.uint8)
    for bone in bones:
        if bone.kind == kind:
            cv2.fillPoly(mask, [np.rint(bone.outline / SPACING_MM).astype(np.int32)], 1)
    return mask > 0


def test_projection_is_grey_and_black_where_nothing_was_scanned():
    band = np.zeros(SIZE, np.float32)
    band[100:300, 20:100] = 1
    image, _, _ = drawn(band=band)
    assert image.dtype == np.uint8
    assert not image[band == 0].any()
    assert image[band > 0].mean() > 60


@pytest.mark.parametrize("kind", [RIB, THORACIC, LUMBAR])
def test_bone_is_brighter_than_muscle_just_above_and_below(kind):
    image, bones, _ = drawn()
    bone = mask_of(bones, kind)
    anything = mask_of(bones, RIB) | mask_of(bones, THORACIC) | mask_of(bones, LUMBAR)
    near = cv2.dilate(bone.astype(np.uint8), np.ones((13, 1), np.uint8)).astype(bool) & ~anything
    assert image[bone].mean() > image[near].mean() + 8


@pytest.mark.parametrize("curve", [STRAIGHT, SpineCurve((Bend(230, 360, 44),))])
def test_midline_is_dark_and_follows_the_spine(curve):
    image, _, midline = drawn(curve)
    smooth = cv2.blur(image, (3, 15)).astype(float)
    columns = np.arange(SIZE[1])
    near = np.abs(columns - midline[:, None]) < 12
    darkest = np.where(near, smooth, 255).argmin(1)
    assert np.abs(darkest + 0.5 - midline).mean() * SPACING_MM < 1.5


def test_scanned_band_follows_the_spine_and_ends_before_the_image():
    curve = SpineCurve((Bend(230, 360, 44),))
    vertebrae = stack(curve, TOP, 450)
    sweep = draw_sweep(np.random.default_rng(2), vertebrae, 480)
    middle = np.interp(np.arange(320) * 1.5, *np.array([v.centre_mm for v in vertebrae]).T[::-1])
    assert (sweep.left_mm < middle - 15).all()
    assert (sweep.right_mm > middle + 15).all()
    assert 0 < sweep.start_mm < 10 < 470 < sweep.end_mm < 480


def test_band_is_one_inside_and_zero_outside():
    steps = np.ones(100)
    band = Sweep(10.0, 100.0, 20 * steps, 60 * steps).band((110, 80), 1.0)
    assert (band[11:99, 24:56] == 1).all()
    inside = np.zeros(band.shape, bool)
    inside[10:100, 20:60] = True
    assert not band[~inside].any()
    assert (band[inside] > 0).all()
