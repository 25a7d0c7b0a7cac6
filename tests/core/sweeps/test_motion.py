"""Simulated fast motion: which frames stay, how far they are off, and what that does to an image."""

import numpy as np
import pytest

from core.checks import InputError
from core.edges import EdgeMeasure
from core.sweeps.metaimage import read_metaimage
from core.sweeps.motion import hurried
from core.sweeps.project import project
from core.sweeps.reconstruct import fill_gaps, reconstruct
from core.sweeps.sweep import sweep_of
from core.sweeps.volume import coronal_grid


@pytest.fixture
def sweep(scan, tmp_path):
    return sweep_of(read_metaimage(scan.save(tmp_path / "sweep.mha")), calibration=scan.calibration)


def test_every_third_frame_is_left_out(sweep):
    left = hurried(sweep, leave_out=3)
    assert left.used[:6].tolist() == [0, 1, 3, 4, 6, 7]
    assert len(left.used) == 49 - 16
    np.testing.assert_array_equal(left.to_mm, sweep.to_mm[left.used])


def test_frames_are_displaced_by_the_stated_distance_and_not_turned(sweep):
    moved = hurried(sweep, jitter_mm=2.0, seed=1)
    shifts = moved.to_mm[:, :3, 3] - sweep.to_mm[:, :3, 3]
    assert shifts.std() == pytest.approx(2, rel=0.15)  # 147 draws: 3 standard errors are 17 %
    np.testing.assert_array_equal(moved.to_mm[:, :, :3], sweep.to_mm[:, :, :3])
    np.testing.assert_array_equal(hurried(sweep, jitter_mm=2.0, seed=1).to_mm, moved.to_mm)
    assert not np.array_equal(hurried(sweep, jitter_mm=2.0, seed=2).to_mm, moved.to_mm)


def test_a_frame_is_displaced_alike_whichever_others_are_left_out(sweep):
    every, fewer = (hurried(sweep, leave_out=n, jitter_mm=1.0) for n in (0, 2))
    np.testing.assert_array_equal(fewer.to_mm, every.to_mm[::2])


def test_the_sweep_given_stays_as_it_is(sweep):
    before = sweep.to_mm.copy()
    hurried(sweep, leave_out=2, jitter_mm=1.0)
    np.testing.assert_array_equal(sweep.to_mm, before)
    np.testing.assert_array_equal(hurried(sweep).to_mm, before)


def test_displaced_frames_leave_horizontal_edges(sweep):
    grid = coronal_grid(sweep, 0.5)
    edges = []
    for jitter_mm in (0.0, 2.0):
        volume = reconstruct(hurried(sweep, jitter_mm=jitter_mm), grid)
        fill_gaps(volume, 5)
        edges.append(EdgeMeasure("second").mean(project(volume, (12, 25), "mean")))
    assert edges[1] > 2 * edges[0]


@pytest.mark.parametrize(
    "wrong", [{"leave_out": 1}, {"leave_out": -2}, {"jitter_mm": -1.0}, {"jitter_mm": float("nan")}]
)
def test_senseless_numbers_are_refused(sweep, wrong):
    with pytest.raises(InputError, match=next(iter(wrong))):
        hurried(sweep, **wrong)


def test_two_frames_must_stay(scan, tmp_path):
    scan.frames, scan.poses = scan.frames[:2], scan.poses[:2]
    image = read_metaimage(scan.save(tmp_path / "two.mha"))
    sweep = sweep_of(image, calibration=scan.calibration, clip=(0, 0, 80, 60))
    with pytest.raises(InputError, match="at least 2 frames that stay, got 1"):
        hurried(sweep, leave_out=2)
