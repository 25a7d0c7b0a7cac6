from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import cv2
import numpy as np
import pytest

from core.checks import InputError
from core.phantoms.spine import FULL_SPACING_MM, SpineScene

REAL_SHARES = (0.057, 0.072, 0.088)  # rib, thoracic, lumbar on a real image


@pytest.fixture(scope="module")
def scene():
    return SpineScene(subjects=8, scale=0.5, seed=1)


@pytest.fixture(scope="module")
def frames(scene):
    return [scene[i] for i in range(len(scene))]


def image(index):
    return SpineScene(subjects=4, scale=0.2)[index].image


def edge_measures(frames, grid, side):
    """Mean |Sobel_y / 8| of each tissue patch, and the share of its tissue that is striped."""
    measures, shares = [], []
    for frame in frames:
        maps = (frame.image, 255 * frame.striped, 255 * (frame.reference > 0).astype(np.uint8))
        small, striped, tissue = (
            cv2.resize(m, grid[::-1], interpolation=cv2.INTER_AREA).astype(float) for m in maps
        )
        edges = np.abs(cv2.Sobel(small, cv2.CV_64F, 0, 1, ksize=3) / 8)
        for top in range(0, grid[0] - side + 1, side // 2):
            for left in range(0, grid[1] - side + 1, side // 2):
                patch = slice(top, top + side), slice(left, left + side)
                if tissue[patch].mean() > 127:
                    measures.append(edges[patch].mean())
                    shares.append(striped[patch].sum() / tissue[patch].sum())
    return np.array(measures), np.array(shares)


def test_all_maps_are_bytes_of_one_size(scene, frames):
    for subject, frame in zip(scene.subjects, frames, strict=True):
        for pixels in vars(frame).values():
            assert pixels.shape == subject.size
            assert pixels.dtype == np.uint8
        assert set(np.unique(frame.mask)) == {0, 1, 2, 3}


def test_image_is_the_reference_outside_of_the_stripes(frames):
    for frame in frames:
        clean = frame.striped == 0
        np.testing.assert_array_equal(frame.image[clean], frame.reference[clean])
        assert (frame.image != frame.reference).any()


def test_region_shares_are_near_those_of_a_real_image(frames):
    shares = np.mean([[(f.mask == kind).mean() for kind in (1, 2, 3)] for f in frames], 0)
    np.testing.assert_allclose(shares, REAL_SHARES, rtol=0.15)


def test_outlined_bone_lies_within_the_scan(frames):
    for frame in frames:
        assert (frame.reference[frame.mask > 0] > 0).mean() > 0.98


def test_outlines_lie_on_their_vertebrae(scene, frames):
    for subject, frame in zip(scene.subjects, frames, strict=True):
        for vertebra in subject.vertebrae:
            x, y = np.array(vertebra.centre_mm) / subject.spacing_mm
            beside = frame.mask[int(y), :]
            kind = 2 if vertebra.name.startswith("T") else 3
            assert (beside[: int(x)] == kind).any()
            assert (beside[int(x) :] == kind).any()
            assert beside[int(x)] == 0


def test_pixels_are_square_and_backs_of_human_size(scene):
    for subject in scene.subjects:
        assert subject.spacing_mm == FULL_SPACING_MM / 0.5
        height_mm, width_mm = (side * subject.spacing_mm for side in subject.size)
        assert 420 < height_mm < 560
        assert 100 < width_mm < 140


def test_angle_is_that_of_the_vertebrae_along_the_midline(scene):
    for subject in scene.subjects:
        slopes = np.gradient(subject.midline_mm, subject.spacing_mm)
        rows = [int(v.centre_mm[1] / subject.spacing_mm) for v in subject.vertebrae]
        tilts = np.degrees(np.arctan(slopes[rows]))
        assert subject.cobb_deg == pytest.approx(tilts.max() - tilts.min(), abs=0.5)


def test_severity_zero_gives_straight_spines():
    for subject in SpineScene(subjects=5, severity=0).subjects:
        assert subject.cobb_deg == 0
        assert np.ptp(subject.midline_mm) == 0


def test_angles_reach_up_to_the_severity():
    angles = [subject.cobb_deg for subject in SpineScene(subjects=100, scale=0.1).subjects]
    assert max(angles) <= 45
    assert max(angles) > 35
    assert min(angles) < 6


@pytest.mark.parametrize(("grid", "side"), [((1024, 256), 96), ((512, 128), 64)])
def test_edge_measure_tells_striped_patches_from_clean_ones(frames, grid, side):
    measures, shares = edge_measures(frames, grid, side)
    clean, striped = measures[shares < 0.02], measures[shares > 0.5]
    assert np.quantile(clean, 0.95) < np.quantile(striped, 0.25)
    assert (striped >= 4).mean() > 0.75
    assert (striped <= 2).mean() < 0.05
    assert (clean >= 4).mean() < 0.05


def test_both_pools_and_the_middle_of_the_paper_are_populated(frames):
    measures, shares = edge_measures(frames, (1024, 256), 96)
    assert (measures[shares < 0.02] <= 2).mean() > 0.9
    corrupted, clean = (measures >= 4).mean(), (measures <= 2).mean()
    assert 0.15 < clean < corrupted < 0.65
    assert 1 - clean - corrupted > 0.15


def test_stripes_are_an_operation_on_the_same_clean_image(frames):
    quiet = SpineScene(subjects=2, stripes=0, seed=1)
    assert quiet.subjects[1].striped_share == 0
    np.testing.assert_array_equal(quiet[1].image, frames[1].reference)
    np.testing.assert_array_equal(quiet[1].mask, frames[1].mask)
    assert not quiet[1].striped.any()


def test_striped_share_varies_about_what_was_asked_for():
    shares = [s.striped_share for s in SpineScene(subjects=200, scale=0.1, stripes=0.3).subjects]
    assert np.mean(shares) == pytest.approx(0.3, abs=0.04)
    assert 0 <= min(shares) < 0.1
    assert 0.5 < max(shares) <= 0.6


def test_images_depend_on_seed_and_number_alone(frames):
    alone = SpineScene(subjects=3, scale=0.5, seed=1)[2]
    for name, pixels in vars(alone).items():
        np.testing.assert_array_equal(pixels, getattr(frames[2], name))
    assert SpineScene(subjects=3, seed=2).subjects[2].cobb_deg != scene_cobb(1)


def scene_cobb(seed):
    return SpineScene(subjects=3, seed=seed).subjects[2].cobb_deg


def test_images_are_the_same_in_other_processes():
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        assert np.array_equal(pool.submit(image, 3).result(), image(3))


def test_scale_keeps_the_anatomy():
    small, large = (SpineScene(subjects=2, scale=scale).subjects[1] for scale in (0.25, 0.5))
    assert small.vertebrae == large.vertebrae
    assert small.size[0] == pytest.approx(large.size[0] / 2, abs=1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"subjects": 0}, "subjects: expected at least 1, got 0"),
        ({"scale": 1.5}, "scale: expected 0.1 to 1, got 1.5"),
        ({"stripes": -0.1}, "stripes: expected a share from 0 to 1, got -0.1"),
        ({"severity": 90}, "severity: expected 0 to 60 degrees, got 90"),
        ({"seed": -1}, "seed: expected 0 or more, got -1"),
    ],
)
def test_argument_out_of_range_is_named(change, message):
    with pytest.raises(InputError, match=message):
        SpineScene(**{"subjects": 2, **change})


def test_index_out_of_range_is_named(scene):
    with pytest.raises(InputError, match="index: expected 0 to 7, got 8"):
        scene[8]
