import numpy as np
import pytest

from core.checks import InputError
from core.sweeps.metaimage import read_metaimage
from core.sweeps.sweep import sweep_of
from core.sweeps.volume import MAX_VOXELS, coronal_grid, volume_of
from tests.core.sweeps.conftest import Scan, rigid, rotation, write

# z, y, x of the file: 2 x 3 x 4 voxels
VALUES = np.arange(1, 25, dtype=np.uint8).reshape(2, 3, 4)


def grid_of(tmp_path, scan, spacing_mm=0.5):
    image = read_metaimage(scan.save(tmp_path / "a.mha"))
    return coronal_grid(sweep_of(image, calibration=scan.calibration), spacing_mm)


def stored(tmp_path, depth_axis, values=VALUES, from_far=False, **fields):
    image = read_metaimage(write(tmp_path / "v.mha", values, **fields))
    return volume_of(image, depth_axis, from_far=from_far)


@pytest.mark.parametrize("seed", range(5))
def test_axes_are_depth_then_sweep_then_lateral_however_the_patient_lies(tmp_path, seed):
    scan = Scan(turn=rotation(seed), shift=(50, -70, 90))
    grid = grid_of(tmp_path, scan)
    np.testing.assert_allclose(grid.axes, scan.turn[:, [2, 1, 0]].T, atol=1e-9)
    assert grid.shape == (60, 49, 80)  # 29.5, 24 and 39.5 mm
    np.testing.assert_allclose(grid.origin_mm, scan.turn @ (-20, 0, 0) + (50, -70, 90), atol=1e-6)
    np.testing.assert_allclose(grid.depths_mm[[0, -1]], (0, 29.5), atol=1e-6)


def test_rows_run_from_the_first_frame_to_the_last(tmp_path):
    grid = grid_of(tmp_path, Scan(step_mm=-0.5))
    np.testing.assert_allclose(grid.axes[1], (0, -1, 0), atol=1e-9)
    np.testing.assert_allclose(grid.axes[2], (1, 0, 0), atol=1e-9)


def test_depth_is_perpendicular_to_the_sweep_of_a_leaning_probe(tmp_path):
    grid = grid_of(tmp_path, Scan(tilt=0.3))
    np.testing.assert_allclose(grid.axes, [[0, 0, 1], [0, 1, 0], [1, 0, 0]], atol=1e-9)
    assert grid.depths_mm[-1] == pytest.approx(29.5 * np.cos(0.3), abs=0.5)


def test_voxel_indices_are_where_the_pixels_lie(tmp_path):
    scan = Scan(turn=rotation(3), shift=(1, 2, 3))
    matrix = grid_of(tmp_path, scan).indices_of(scan.poses[7] @ scan.image_to_probe)
    np.testing.assert_allclose(matrix @ (11, 13, 0, 1), (13, 7, 11), atol=1e-6)


@pytest.mark.parametrize("spacing_mm", [0.1, 0, -1, float("nan")])
def test_voxels_finer_than_pixels_are_refused(tmp_path, scan, spacing_mm):
    with pytest.raises(InputError, match="spacing_mm: expected at least the pixels' own 0.5 mm"):
        grid_of(tmp_path, scan, spacing_mm)


def test_grids_that_would_fill_the_memory_are_refused(tmp_path):
    scan = Scan(step_mm=5000)
    with pytest.raises(
        InputError, match=r"at most 200,000,000 voxels \(1.8 GB\), got 2,304,004,800"
    ):
        grid_of(tmp_path, scan)
    assert MAX_VOXELS == 200_000_000


def test_a_probe_that_stands_still_is_refused(tmp_path):
    with pytest.raises(InputError, match="frames that move by more than 0.5 mm, got 0.00 mm"):
        grid_of(tmp_path, Scan(step_mm=0))


def test_a_probe_that_is_pushed_along_the_beam_is_refused(tmp_path):
    scan = Scan()
    scan.poses = [rigid(np.eye(3), (0, 0, k)) for k in range(49)]
    with pytest.raises(InputError, match="move across the beam"):
        grid_of(tmp_path, scan)


@pytest.mark.parametrize(("axis", "order"), [("x", (2, 0, 1)), ("y", (1, 0, 2)), ("z", (0, 1, 2))])
def test_a_stored_volume_is_turned_with_its_place(tmp_path, axis, order):
    fields = {"ElementSpacing": "1 2 3", "Offset": "10 20 30"}
    volume = stored(tmp_path, axis, **fields)
    np.testing.assert_array_equal(volume.values, VALUES.transpose(order))
    assert volume.grid.spacing_mm.tolist() == [(3, 2, 1)[number] for number in order]
    # the file's voxel z 1, y 2, x 3 lies at (13, 24, 33) mm
    index = np.array((1, 2, 3))[list(order)]
    place = volume.grid.origin_mm + (index * volume.grid.spacing_mm) @ volume.grid.axes
    assert place.tolist() == [13, 24, 33]


def test_a_volume_scanned_from_its_far_side_is_turned_over(tmp_path):
    volume = stored(tmp_path, "z", from_far=True, ElementSpacing="1 1 2", Offset="0 0 5")
    np.testing.assert_array_equal(volume.values, VALUES[::-1])
    assert volume.grid.origin_mm.tolist() == [0, 0, 7]
    assert volume.grid.axes[0].tolist() == [0, 0, -1]


def test_voxels_of_value_0_were_not_seen(tmp_path):
    values = np.array([[[0, 3]]], np.uint8)
    assert stored(tmp_path, "z", values).seen.tolist() == [[[False, True]]]


def test_values_deeper_than_8_bits_are_scaled_to_their_highest(tmp_path):
    volume = stored(tmp_path, "z", (VALUES * 40.0).astype("f4"))
    assert volume.values.max() == pytest.approx(255)
    assert volume.values.min() == pytest.approx(255 / 24)


@pytest.mark.parametrize("value", [-1, np.nan, np.inf])
def test_values_that_are_no_intensities_are_refused(tmp_path, value):
    with pytest.raises(InputError, match="v.mha: expected finite values from 0"):
        stored(tmp_path, "z", np.full((2, 2, 2), value, "f4"))


def test_the_axis_of_depth_must_be_given(tmp_path):
    with pytest.raises(InputError, match="depth_axis: expected x, y or z, .*, got none"):
        stored(tmp_path, "")
