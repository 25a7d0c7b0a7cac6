"""Post-processing: what is dropped, what stays, and how near to the true ellipse it comes."""

from collections.abc import Callable
from math import cos, pi, sin

import numpy as np
import pytest
from jsonargparse import ArgumentParser
from scipy import ndimage

from core.checks import InputError
from core.shapes import (
    Chain,
    CutToEllipse,
    Ellipse,
    FitEllipse,
    KeepLargest,
    KeepMasses,
    draw,
    ellipticity,
    moment_ellipse,
)

SIZE = (160, 200)
STEPS = [
    KeepLargest(),
    KeepMasses(),
    FitEllipse(),
    CutToEllipse(),
    Chain(steps=[KeepMasses(), FitEllipse()]),
]


def disc(row, column, radius):
    shape = Ellipse(row=row, column=column, semi_major_px=radius, semi_minor_px=radius, angle_rad=0)
    return draw(shape, SIZE)


def dice(one, other):
    return 2 * np.count_nonzero(one & other) / (np.count_nonzero(one) + np.count_nonzero(other))


def nerve_and_vessel(seed):
    """A true ellipse, and the mask of it and of a disc on its border."""
    rng = np.random.default_rng(seed)
    minor = rng.uniform(14, 26)
    major, angle = min(minor * rng.uniform(1.2, 3), 65), rng.uniform(0, pi)
    nerve = Ellipse(row=80, column=100, semi_major_px=major, semi_minor_px=minor, angle_rad=angle)
    place, radius = rng.uniform(0, 2 * pi), minor * rng.uniform(0.4, 0.65)
    outwards = np.array([cos(place) / major, sin(place) / minor])
    outwards *= rng.uniform(0.4, 0.9) * radius / np.linalg.norm(outwards)
    u, v = major * cos(place) + outwards[0], minor * sin(place) + outwards[1]
    vessel = disc(
        80 + u * sin(angle) + v * cos(angle), 100 + u * cos(angle) - v * sin(angle), radius
    )
    return draw(nerve, SIZE), draw(nerve, SIZE) | vessel


CASES = [nerve_and_vessel(seed) for seed in range(40)]
FAR_FROM_ELLIPSES = [(truth, mask) for truth, mask in CASES if ellipticity(mask) < 0.85]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: type(step).__name__)
def test_empty_mask_stays_empty(step):
    empty = np.zeros(SIZE, np.uint8)
    assert np.array_equal(step(empty), empty)
    assert step(empty).dtype == np.uint8


@pytest.mark.parametrize("step", STEPS, ids=lambda step: type(step).__name__)
@pytest.mark.parametrize("seed", range(3))
def test_any_mask_gives_a_mask_and_is_left_as_it_was(step, seed):
    noise = ndimage.gaussian_filter(np.random.default_rng(seed).standard_normal(SIZE), 4)
    mask = (noise > 0.02).astype(np.uint8)
    before = mask.copy()
    after = step(mask)
    assert (after.dtype, after.shape) == (np.uint8, SIZE)
    assert set(np.unique(after)) <= {0, 1}
    assert np.array_equal(mask, before)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: type(step).__name__)
def test_full_mask_and_one_pixel_stay(step):
    full, one = np.ones(SIZE, np.uint8), np.zeros(SIZE, np.uint8)
    one[0, 7] = 1
    assert step(full).mean() > 0.75  # an ellipse in it, or all of it
    assert np.array_equal(step(one), one)


def test_only_the_largest_mass_stays():
    large, small = disc(80, 60, 20), disc(80, 150, 15)
    assert np.array_equal(KeepLargest()(large | small), large)


def test_second_branch_stays_and_crumbs_go():
    branches = disc(80, 60, 20) | disc(80, 110, 12)
    assert np.array_equal(KeepMasses()(branches | disc(20, 180, 3)), branches)


def test_no_more_masses_stay_than_asked_for():
    three = [disc(80, 40, 20), disc(80, 100, 18), disc(80, 160, 16)]
    assert np.array_equal(KeepMasses(most=2)(three[0] | three[1] | three[2]), three[0] | three[1])


def test_ellipse_stays_as_it_is():
    for truth, _ in CASES:
        assert np.array_equal(FitEllipse()(truth), truth)


def test_attached_vessel_is_cut_off():
    fitted = [dice(FitEllipse()(mask), truth) for truth, mask in FAR_FROM_ELLIPSES]
    untouched = [dice(mask, truth) for truth, mask in FAR_FROM_ELLIPSES]
    assert len(FAR_FROM_ELLIPSES) >= 10
    assert np.mean(untouched) < 0.94
    assert np.mean(fitted) > 0.98


def test_area_with_a_vessel_attached_is_set_right():
    excess = [FitEllipse()(mask).sum() / truth.sum() - 1 for truth, mask in FAR_FROM_ELLIPSES]
    assert np.mean([mask.sum() / truth.sum() - 1 for truth, mask in FAR_FROM_ELLIPSES]) > 0.1
    assert abs(np.mean(excess)) < 0.02


def test_ellipse_of_the_whole_swollen_mass_would_be_worse_than_none():
    for truth, mask in FAR_FROM_ELLIPSES:
        swollen = draw(moment_ellipse(mask).with_area(mask.sum()), SIZE)
        assert dice(swollen, truth) < dice(mask, truth)


def test_cutting_takes_off_the_vessel_and_adds_nothing():
    for truth, mask in FAR_FROM_ELLIPSES:
        cut = CutToEllipse()(mask)
        assert not (cut & ~mask).any()
        assert dice(cut, truth) >= dice(mask, truth)
    scores = [dice(CutToEllipse()(mask), truth) for truth, mask in FAR_FROM_ELLIPSES]
    assert np.mean(scores) > 0.98


def test_cutting_leaves_a_nerve_that_is_only_roughly_an_ellipse_its_form():
    y, x = np.indices(SIZE)
    box = (np.abs((x - 100) / 45) ** 3 + np.abs((y - 80) / 22) ** 3 <= 1).astype(np.uint8)
    mask = box | disc(50, 110, 12)
    assert ellipticity(mask) < 0.85 < ellipticity(box)
    assert dice(CutToEllipse()(mask), box) > dice(FitEllipse()(mask), box) > dice(mask, box)


@pytest.mark.parametrize(("distance", "radius"), [(38, 20), (34, 20), (34, 16)])
def test_two_branches_that_touch_stay_as_they_are(distance, radius):
    touching = disc(80, 60, 20) | disc(80, 60 + distance, radius)
    assert ellipticity(touching) < 0.85
    assert np.array_equal(FitEllipse()(touching), touching)


def test_branches_apart_are_fitted_each_by_itself():
    truth, mask = FAR_FROM_ELLIPSES[0]
    branch = disc(20, 180, 15) if not mask[:50, 150:].any() else disc(140, 20, 15)
    fitted = FitEllipse()(mask | branch)
    assert np.array_equal(fitted, FitEllipse()(mask) | branch)
    assert dice(fitted, truth | branch) > dice(mask | branch, truth | branch)


def test_limit_says_which_masses_are_replaced():
    _, mask = FAR_FROM_ELLIPSES[0]
    assert np.array_equal(FitEllipse(below=0.5)(mask), mask)
    assert not np.array_equal(FitEllipse(below=0.99)(mask), mask)


def test_mass_of_which_the_ellipse_is_only_a_part_stays_unless_so_asked():
    touching = disc(80, 60, 20) | disc(80, 86, 10) | disc(80, 96, 8)
    assert np.array_equal(FitEllipse()(touching), touching)
    assert dice(FitEllipse(least_overlap=0.5)(touching), disc(80, 60, 20)) > 0.97


def test_masks_of_255_become_masks_of_1():
    _, mask = FAR_FROM_ELLIPSES[0]
    assert np.array_equal(FitEllipse()(mask * 255), FitEllipse()(mask))


def test_chain_takes_its_steps_in_order():
    truth, mask = FAR_FROM_ELLIPSES[0]
    crumbs = mask | disc(6, 6, 4)
    chain = Chain(steps=[KeepLargest(), FitEllipse()])
    assert np.array_equal(chain(crumbs), FitEllipse()(KeepLargest()(crumbs)))
    assert np.array_equal(Chain(steps=[])(truth), truth)


def test_steps_are_built_from_class_paths():
    parser = ArgumentParser()
    parser.add_argument("--postprocess", type=Callable | None)
    steps = [
        {"class_path": "core.shapes.KeepMasses", "init_args": {"most": 3}},
        {"class_path": "core.shapes.FitEllipse"},
    ]
    config = {"class_path": "core.shapes.Chain", "init_args": {"steps": steps}}
    built = parser.instantiate(parser.parse_object({"postprocess": config})).postprocess
    assert isinstance(built, Chain)
    assert [type(step) for step in built.steps] == [KeepMasses, FitEllipse]
    assert built.steps[0].most == 3


@pytest.mark.parametrize(
    ("make", "arguments", "message"),
    [
        (KeepMasses, {"most": 0}, "most: expected 1 or more masses, got 0"),
        (
            KeepMasses,
            {"min_share": 2},
            "min_share: expected a share of the largest area, 0..1, got 2",
        ),
        (FitEllipse, {"below": 1.2}, r"below: expected an ellipticity in 0\.\.1, got 1.2"),
        (FitEllipse, {"least_overlap": -1}, r"least_overlap: expected an IoU in 0\.\.1, got -1"),
    ],
)
def test_argument_out_of_range_is_an_error(make, arguments, message):
    with pytest.raises(InputError, match=message):
        make(**arguments)
