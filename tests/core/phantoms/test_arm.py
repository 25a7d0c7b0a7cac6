import pickle
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import cv2
import numpy as np
import pytest

from core.checks import InputError
from core.phantoms.arm import ArmScene

BOTH = {"HM70A": 3, "miniSONO": 2}
RIM_MM = 0.35


@pytest.fixture(scope="module")
def scene():
    return ArmScene(subjects={"HM70A": 6, "miniSONO": 4}, scale=0.4, bifid=0.2, seed=3)


@pytest.fixture(scope="module")
def frames(scene):
    return [scene[i] for i in range(len(scene))]


def image(index):
    return ArmScene(subjects=BOTH, scale=0.25)[index].image


def areas_mm2(scene, frames, region):
    """Area of the nerve in every image of a region."""
    return np.array(
        [
            frame.mask.sum() * view.machine.grid(scene.scale)[1] ** 2
            for view, frame in zip(scene.views, frames, strict=True)
            if view.region == region
        ]
    )


def moved_in(mask, steps):
    return cv2.erode(mask, np.ones((3, 3), np.uint8), iterations=steps)


def ring(mask, width_px):
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * width_px + 1, 2 * width_px + 1))
    return cv2.dilate(mask, disc).astype(bool) & ~mask.astype(bool)


def test_images_do_not_depend_on_the_order_in_which_they_are_rendered():
    forward, backward = (ArmScene(subjects=BOTH, scale=0.25) for _ in range(2))
    chosen = range(0, len(forward), 9)
    there = [forward[i].image for i in chosen]
    back = [backward[i].image for i in reversed(chosen)]
    assert all(np.array_equal(a, b) for a, b in zip(there, reversed(back), strict=True))


def test_images_are_the_same_in_other_processes():
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        assert np.array_equal(pool.submit(image, 7).result(), image(7))


def test_a_pickled_scene_renders_the_same():
    used = ArmScene(subjects=BOTH, scale=0.25)
    assert np.array_equal(used[4].image, pickle.loads(pickle.dumps(used))[4].image)


def test_images_do_not_depend_on_how_many_others_there_are():
    few = ArmScene(subjects={"miniSONO": 1}, scale=0.25)
    many = ArmScene(subjects={"HM70A": 2, "miniSONO": 3}, scale=0.25)
    assert np.array_equal(few[3].image, many[20 + 3].image)


def test_another_seed_gives_other_images():
    one, other = (ArmScene(subjects=BOTH, scale=0.25, seed=seed)[0] for seed in (1, 2))
    assert not np.array_equal(one.image, other.image)


@pytest.mark.parametrize(
    ("machine", "scale", "size"),
    [
        ("HM70A", 1.0, (442, 565)),
        ("HM70A", 0.5, (221, 282)),
        ("miniSONO", 1.0, (576, 864)),
        ("miniSONO", 0.5, (288, 432)),
    ],
)
def test_images_have_the_size_of_their_machine(machine, scale, size):
    frame = ArmScene(subjects={machine: 1}, scale=scale)[0]
    assert frame.image.shape == frame.mask.shape == size
    assert frame.image.dtype == frame.mask.dtype == np.uint8


@pytest.mark.parametrize(
    ("machine", "wrist", "forearm"),
    [("HM70A", [-1, 0, 1, 2], [10]), ("miniSONO", [-1, 0, 1, 2, 3], [9, 10, 11])],
)
def test_both_hands_are_recorded_at_the_levels_of_the_study(machine, wrist, forearm):
    views = ArmScene(subjects={machine: 2}).views
    for hand in ("left", "right"):
        seen = [view for view in views if (view.subject, view.hand) == (1, hand)]
        assert [view.level_cm for view in seen if view.region == "wrist"] == wrist
        assert [view.level_cm for view in seen if view.region == "forearm"] == forearm


def test_a_nerve_is_one_mass_or_two_if_it_is_bifid(scene, frames):
    masses = [cv2.connectedComponents(frame.mask)[0] - 1 for frame in frames]
    assert masses == [1 + view.bifid for view in scene.views]
    assert 1 in masses
    assert 2 in masses


@pytest.mark.parametrize("share", [0.0, 0.05, 1.0])
def test_the_share_of_bifid_hands_is_as_asked_for(share):
    views = ArmScene(subjects={"HM70A": 1500}, bifid=share).views
    hands = np.array([view.bifid for view in views]).reshape(-1, 5)
    assert (hands == hands[:, :1]).all()
    assert hands[:, 0].mean() == pytest.approx(share, abs=0.012)


def test_areas_are_those_of_healthy_nerves(scene, frames):
    wrist, forearm = (areas_mm2(scene, frames, region) for region in ("wrist", "forearm"))
    assert 8 < wrist.mean() < 11
    assert 5 < forearm.mean() < 8
    assert wrist.min() > 5
    assert wrist.max() < 15
    assert forearm.min() > 3.5
    assert 1.2 < wrist.mean() / forearm.mean() < 1.6


def test_masks_hold_the_area_of_the_nerve_on_coarse_and_fine_grids():
    for scale in (0.2, 0.6):
        made = ArmScene(subjects={"HM70A": 4}, scale=scale)
        drawn = areas_mm2(made, [made[i] for i in range(len(made))], "wrist")
        assert drawn.mean() == pytest.approx(9.4, rel=0.12)


def test_the_nerve_is_darker_than_its_rim(scene, frames):
    darker = []
    for view, frame in zip(scene.views, frames, strict=True):
        width_px = round(RIM_MM / view.machine.grid(scene.scale)[1])
        inside = moved_in(frame.mask, 1).astype(bool)
        rim = ring(frame.mask, width_px)
        darker.append(frame.image[inside].mean() < frame.image[rim].mean())
    assert np.mean(darker) > 0.95


def test_it_is_dark_behind_the_bones_of_the_wrist(scene, frames):
    for view, frame in zip(scene.views, frames, strict=True):
        if view.region == "wrist":
            depth_mm = np.arange(len(frame.image)) * view.machine.grid(scene.scale)[1]
            middle = frame.image[:, frame.image.shape[1] // 4 : -frame.image.shape[1] // 4]
            tunnel = middle[(depth_mm > 5) & (depth_mm < 11)].mean()
            assert middle[depth_mm > 21].mean() < 0.6 * tunnel


def test_the_nerve_is_not_always_in_the_same_place(scene, frames):
    middles = [np.argwhere(frame.mask).mean(0) / frame.mask.shape for frame in frames]
    assert np.std(middles, axis=0).min() > 0.04


def test_a_finer_grid_shows_the_same_arm():
    coarse, fine = (ArmScene(subjects=BOTH, scale=scale) for scale in (0.4, 0.8))
    for index in (0, 4, 33, 40):
        halved = cv2.resize(fine[index].mask, coarse[index].mask.shape[::-1])
        other = coarse[index].mask
        assert 2 * (halved & other).sum() / (halved.sum() + other.sum()) > 0.93


@pytest.mark.parametrize(
    ("argument", "value", "message"),
    [
        ("subjects", {}, "subjects: expected at least one machine"),
        ("subjects", {"HM70B": 1}, "subjects: expected machines among HM70A, miniSONO, got HM70B"),
        ("subjects", {"HM70A": 0}, "subjects: expected at least 1 for HM70A, got 0"),
        ("scale", 0.05, "scale: expected 0.1 to 1, got 0.05"),
        ("scale", 1.5, "scale: expected 0.1 to 1, got 1.5"),
        ("bifid", -0.1, "bifid: expected a share from 0 to 1, got -0.1"),
        ("seed", -1, "seed: expected 0 or more, got -1"),
    ],
)
def test_bad_arguments_are_refused(argument, value, message):
    with pytest.raises(InputError, match=message):
        ArmScene(**{"subjects": BOTH, argument: value})


@pytest.mark.parametrize("index", [-1, 62])
def test_an_index_outside_the_scene_is_refused(index):
    with pytest.raises(InputError, match="index: expected 0 to 61"):
        ArmScene(subjects=BOTH)[index]
