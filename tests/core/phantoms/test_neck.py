import pickle
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from itertools import pairwise
from multiprocessing import get_context

import numpy as np
import pytest

from core.checks import InputError
from core.phantoms.neck import NeckScene

SMALL = {"subjects": 6, "frames": 20, "size": (80, 112)}


def scene(**options):
    return NeckScene(**{**SMALL, **options})


def image(index):
    return scene()[index].image


def alike(one, other):
    return np.corrcoef(one.ravel(), other.ravel())[0, 1]


def test_a_frame_has_image_mask_and_truth_in_bytes():
    frame = scene()[0]
    for array in (frame.image, frame.mask, frame.truth):
        assert array.shape == (80, 112)
        assert array.dtype == np.uint8


def test_frames_do_not_depend_on_the_order_in_which_they_are_rendered():
    forward, backward = scene(), scene()
    there = [forward[i].image for i in range(0, 120, 7)]
    back = [backward[i].image for i in reversed(range(0, 120, 7))]
    assert all(np.array_equal(a, b) for a, b in zip(there, reversed(back), strict=True))


def test_frames_are_the_same_in_other_processes():
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        assert np.array_equal(pool.submit(image, 45).result(), image(45))


def test_frames_are_the_same_in_threads_that_share_a_scene():
    shared = scene()
    with ThreadPoolExecutor(4) as pool:
        images = list(pool.map(lambda index: shared[index].image, [3, 45, 3, 45, 3, 45, 99, 99]))
    for index, rendered in zip([3, 45, 3, 45, 3, 45, 99, 99], images, strict=True):
        assert np.array_equal(rendered, image(index))


def test_a_pickled_scene_renders_the_same():
    used = scene()
    assert np.array_equal(used[10].image, pickle.loads(pickle.dumps(used))[10].image)


def test_another_seed_gives_other_images():
    assert not np.array_equal(scene(seed=1)[0].image, scene(seed=2)[0].image)


@pytest.mark.parametrize(("subjects", "frames"), [(47, 120), (12, 20), (40, 30)])
def test_the_plexus_is_in_view_in_41_percent_of_frames(subjects, frames):
    visible = NeckScene(subjects=subjects, frames=frames).visible
    assert visible.mean() == pytest.approx(0.41, abs=0.02)


def test_the_plexus_is_in_view_in_one_run_of_a_sweep():
    made = NeckScene()
    for number in range(47):
        assert np.diff(made.visible[made.subject == number].astype(int)).clip(min=0).sum() <= 1


def test_truth_holds_a_plexus_exactly_where_it_is_visible():
    made = scene()
    assert [made[i].truth.any() for i in range(len(made))] == made.visible.tolist()


def test_the_outline_covers_a_few_percent_of_the_image():
    made = scene(subjects=10)
    shares = [made[int(i)].truth.mean() for i in np.flatnonzero(made.visible)[::5]]
    assert 0.015 < np.mean(shares) < 0.06


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_wrong_labels_are_that_share_of_the_visible_frames(share):
    made = scene(wrong_labels=share)
    assert made.wrong.sum() == round(share * made.visible.sum())
    assert not (made.wrong & ~made.visible).any()


def test_a_wrong_label_is_empty_and_the_truth_is_kept():
    made, clean = scene(wrong_labels=0.5), scene()
    for index in np.flatnonzero(made.wrong):
        frame = made[int(index)]
        assert not frame.mask.any()
        assert np.array_equal(frame.truth, clean[int(index)].truth)
        assert np.array_equal(frame.image, clean[int(index)].image)


def test_labels_that_are_not_wrong_equal_the_truth():
    made = scene(wrong_labels=0.5)
    for index in np.flatnonzero(~made.wrong):
        frame = made[int(index)]
        assert np.array_equal(frame.mask, frame.truth)


def test_wrong_labels_contradict_near_duplicates():
    made = scene(wrong_labels=0.3)
    pairs = [(i, i + 1) for i in np.flatnonzero(made.visible[:-1] & made.visible[1:])]
    assert sum(made.wrong[a] != made.wrong[b] for a, b in pairs) > 0


def test_neighbours_are_more_alike_than_frames_of_other_subjects():
    made = scene()
    near = [alike(made[i].image, made[j].image) for i, j in pairwise(range(5, 12))]
    far = [alike(made[10].image, made[10 + 20 * k].image) for k in range(1, 6)]
    assert min(near) > 0.85
    assert max(far) < min(near) - 0.1


def test_neighbours_are_more_alike_than_frames_further_apart():
    made = scene()
    ahead = [alike(made[0].image, made[k].image) for k in (1, 4, 16)]
    assert ahead == sorted(ahead, reverse=True)


def test_neighbours_differ():
    made = scene()
    assert not np.array_equal(made[0].image, made[1].image)


def test_images_are_as_dark_as_real_ones():
    made = NeckScene(subjects=15, frames=1)
    means = [made[i].image.mean() for i in range(len(made))]
    assert 20 < np.median(means) < 60
    assert min(means) > 8
    assert max(means) < 100


@pytest.mark.parametrize("size", [(32, 32), (33, 47), (100, 300), (420, 580)])
def test_any_size_works(size):
    made = NeckScene(subjects=2, frames=3, size=size)
    assert made[4].image.shape == made[4].truth.shape == size
    assert made.spacing_mm == pytest.approx(30 / size[0])


def test_a_finer_grid_shows_the_same_neck():
    coarse, fine = (NeckScene(subjects=4, frames=10, size=size) for size in ((80, 112), (160, 224)))
    index = int(np.flatnonzero(coarse.visible)[0])
    halved = fine[index].truth[::2, ::2].astype(bool)
    overlap = (halved & coarse[index].truth.astype(bool)).sum() / halved.sum()
    assert overlap > 0.9


@pytest.mark.parametrize(
    ("argument", "value", "message"),
    [
        ("subjects", 0, "subjects: expected at least 1, got 0"),
        ("frames", 0, "frames: expected at least 1, got 0"),
        ("size", (8, 100), "size: expected rows and columns, each >= 32"),
        ("depth_mm", 0.0, "depth_mm: expected a positive number"),
        ("wrong_labels", 1.5, "wrong_labels: expected a share from 0 to 1, got 1.5"),
        ("seed", -1, "seed: expected 0 or more, got -1"),
    ],
)
def test_bad_arguments_are_refused(argument, value, message):
    with pytest.raises(InputError, match=message):
        scene(**{argument: value})


@pytest.mark.parametrize("index", [-1, 120])
def test_an_index_outside_the_scene_is_refused(index):
    with pytest.raises(InputError, match="index: expected 0 to 119"):
        scene()[index]
