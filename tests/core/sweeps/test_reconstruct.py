import numpy as np
import pytest
from scipy.interpolate import RegularGridInterpolator

from core.checks import InputError
from core.sweeps.metaimage import read_metaimage
from core.sweeps.reconstruct import fill_gaps, reconstruct
from core.sweeps.sweep import Sweep, sweep_of
from core.sweeps.volume import Volume, VoxelGrid, coronal_grid
from tests.core.sweeps.conftest import Scan, rotation

COMPOUNDINGS = ("linear", "nearest", "maximum")


def rebuilt(tmp_path, scan, compounding="linear", spacing_mm=0.5):
    image = read_metaimage(scan.save(tmp_path / "a.mha"))
    sweep = sweep_of(image, calibration=scan.calibration)
    return reconstruct(sweep, coronal_grid(sweep, spacing_mm), compounding)


def middle_mm(volume):
    """The middle of what is bright, in the space of the poses."""
    index = np.argwhere(volume.values > 110).mean(axis=0)
    return volume.grid.origin_mm + (index * volume.grid.spacing_mm) @ volume.grid.axes


def plain_grid(*shape, spacing_mm=1.0):
    return VoxelGrid(
        shape=shape, origin_mm=np.zeros(3), axes=np.eye(3), spacing_mm=np.full(3, spacing_mm)
    )


def one_pixel_each(places, values):
    """Frames of one pixel (the clip's only one), each at its place in mm."""
    to_mm = np.tile(np.eye(4), (len(places), 1, 1))
    to_mm[:, :3, 3] = places
    frames = np.array(values, np.uint8).reshape(-1, 1, 1)
    used = np.arange(len(places))
    return Sweep(frames=frames, used=used, to_mm=to_mm, clip=(0, 0, 1, 1), route=("Image",))


@pytest.mark.parametrize("compounding", COMPOUNDINGS)
@pytest.mark.parametrize("seed", range(3))
def test_a_ball_comes_out_where_it_is(tmp_path, compounding, seed):
    scan = Scan(turn=rotation(seed), shift=(30, -40, 50), tilt=0.2 * seed)
    volume = rebuilt(tmp_path, scan, compounding)
    assert np.linalg.norm(middle_mm(volume) - scan.ball_mm) < 0.2
    bright_mm3 = (volume.values > 110).sum() * 0.125
    slack = 0.35 if compounding == "maximum" else 0.08
    assert bright_mm3 == pytest.approx(4 / 3 * np.pi * 4**3, rel=slack)


@pytest.mark.parametrize("compounding", COMPOUNDINGS)
def test_on_the_frames_own_grid_the_pixels_come_back(tmp_path, scan, compounding):
    volume = rebuilt(tmp_path, scan, compounding)
    assert volume.seen.all()
    expected = scan.frames.transpose(1, 0, 2)  # depth, sweep, lateral
    np.testing.assert_allclose(volume.values, expected, atol=0.02)


def test_linear_weights_are_those_of_trilinear_interpolation():
    place, grid = (1.3, 0.6, 2.9), plain_grid(4, 4, 4)
    volume = reconstruct(one_pixel_each([place], [200]), grid)
    corners = [(i, j, k) for i in (1, 2) for j in (0, 1) for k in (2, 3)]
    assert {tuple(int(n) for n in voxel) for voxel in np.argwhere(volume.seen)} == set(corners)
    np.testing.assert_allclose(volume.values[volume.seen], 200, rtol=1e-5)
    two = reconstruct(one_pixel_each([place, (1, 0, 2)], [200, 80]), grid)
    field = np.zeros((4, 4, 4))
    field[1, 0, 2] = 1
    share = float(np.ravel(RegularGridInterpolator([range(4)] * 3, field)([place]))[0])
    assert two.values[1, 0, 2] == pytest.approx((200 * share + 80) / (share + 1), rel=1e-5)


@pytest.mark.parametrize(("compounding", "value"), [("nearest", 60), ("maximum", 90)])
def test_pixels_in_one_voxel_are_averaged_or_their_greatest_is_kept(compounding, value):
    sweep = one_pixel_each([(1.2, 1.4, 0.8), (0.6, 1, 1.4), (1, 1, 1)], [30, 60, 90])
    volume = reconstruct(sweep, plain_grid(3, 3, 3), compounding)
    assert np.argwhere(volume.seen).tolist() == [[1, 1, 1]]
    assert volume.values[1, 1, 1] == value


@pytest.mark.parametrize("compounding", COMPOUNDINGS)
def test_a_black_pixel_was_seen_too(compounding):
    volume = reconstruct(one_pixel_each([(1, 1, 1)], [0]), plain_grid(3, 3, 3), compounding)
    assert volume.seen.sum() == 1
    assert volume.values.sum() == 0


@pytest.mark.parametrize("compounding", COMPOUNDINGS)
def test_pixels_outside_the_grid_are_left_out(compounding):
    places = [(-0.7, 1, 1), (1, 1, 3.6), (9, 9, 9), (-1e6, 0, 0), (1, 2, 1)]
    volume = reconstruct(one_pixel_each(places, [50] * 5), plain_grid(3, 3, 3), compounding)
    seen = {tuple(int(n) for n in voxel) for voxel in np.argwhere(volume.seen)}
    assert seen == ({(0, 1, 1), (1, 2, 1)} if compounding == "linear" else {(1, 2, 1)})


def test_an_unknown_compounding_is_refused():
    with pytest.raises(InputError, match="compounding: expected linear or nearest or maximum"):
        reconstruct(one_pixel_each([(0, 0, 0)], [1]), plain_grid(2, 2, 2), "median")


def row_volume(values):
    """A volume of one depth and one column; None was not seen."""
    column = np.array([value or 0 for value in values], np.float32).reshape(1, -1, 1)
    seen = np.array([value is not None for value in values]).reshape(1, -1, 1)
    return Volume(values=column, seen=seen, grid=plain_grid(1, len(values), 1, spacing_mm=0.5))


def test_gaps_are_filled_linearly_along_the_sweep_up_to_their_limit():
    volume = row_volume([None, 10, None, None, None, 50, None, None, None, None, 90, None])
    fill_gaps(volume, 2.0)
    assert volume.values.ravel().tolist() == [0, 10, 20, 30, 40, 50, 0, 0, 0, 0, 90, 0]
    assert volume.seen.ravel().tolist() == [v > 0 for v in volume.values.ravel()]


@pytest.mark.parametrize("max_gap_mm", [0, 0.9])
def test_gaps_wider_than_allowed_stay(max_gap_mm):
    volume = row_volume([10, None, 30])
    fill_gaps(volume, max_gap_mm)
    assert not volume.seen[0, 1, 0]


@pytest.mark.parametrize("max_gap_mm", [-1, float("nan")])
def test_a_gap_that_is_no_distance_is_refused(max_gap_mm):
    with pytest.raises(InputError, match="max_gap_mm: expected a distance from 0"):
        fill_gaps(row_volume([1]), max_gap_mm)


def test_frames_far_apart_leave_gaps_that_filling_closes(tmp_path):
    scan = Scan(step_mm=3, count=9, tilt=0.2)
    volume = rebuilt(tmp_path, scan)
    before = volume.seen.mean()
    fill_gaps(volume, 5)
    assert before < 0.5 < 0.8 < volume.seen.mean()
    assert np.linalg.norm(middle_mm(volume) - scan.ball_mm) < 0.7
