import json

import numpy as np
import pytest
from PIL import Image

from core.checks import InputError, RunError
from core.data.spacings import file_spacing
from core.sweeps.project import covered, margins_of, project, save_projection, slab_of
from core.sweeps.volume import Volume, VoxelGrid


def volume_of(values, seen=None, spacing_mm=1.0, top_mm=0.0):
    values = np.array(values, np.float32)
    grid = VoxelGrid(
        shape=values.shape,
        origin_mm=np.zeros(3),
        axes=np.eye(3),
        spacing_mm=np.full(3, spacing_mm),
        top_mm=top_mm,
    )
    seen = values > 0 if seen is None else np.array(seen)
    return Volume(values=values, seen=seen, grid=grid)


LAYERS = volume_of(np.broadcast_to(np.arange(1, 11).reshape(10, 1, 1) * 10, (10, 2, 3)))


@pytest.mark.parametrize(
    ("slab_mm", "mean", "highest"),
    [
        (None, 55, 100),
        ((2, 4), 40, 50),
        ((1.5, 2.5), 30, 30),
        ((8, 99), 95, 100),
        ((-5, 0), 10, 10),
    ],
)
def test_a_slab_picks_its_depths_and_no_others(slab_mm, mean, highest):
    assert np.unique(project(LAYERS, slab_mm, "mean")).tolist() == [mean]
    assert np.unique(project(LAYERS, slab_mm, "max")).tolist() == [highest]


def test_depth_counts_from_the_skin():
    volume = volume_of(LAYERS.values, spacing_mm=0.5, top_mm=-1.0)
    assert slab_of(volume.grid, (0, 1)) == slice(2, 5)
    assert project(volume, (0, 1), "mean")[0, 0] == 40


def test_only_what_was_seen_counts_and_the_rest_is_black():
    values = [[[10, 0, 0]], [[30, 0, 0]], [[0, 0, 0]]]
    seen = [[[True, True, False]], [[True, False, False]], [[False, False, False]]]
    volume = volume_of(values, seen)
    assert project(volume, None, "mean").tolist() == [[20, 0, 0]]
    assert project(volume, None, "max").tolist() == [[30, 0, 0]]
    assert covered(volume) == pytest.approx(2 / 3)
    assert covered(volume, (1, 3)) == pytest.approx(1 / 3)


@pytest.mark.parametrize("slab_mm", [(10, 20), (-9, -1), (2.2, 2.8)])
def test_a_slab_outside_the_volume_is_refused(slab_mm):
    with pytest.raises(
        InputError, match=r"slab_mm: expected depths that meet the volume's 0.0 to 9"
    ):
        project(LAYERS, slab_mm)


@pytest.mark.parametrize("slab_mm", [(5, 5), (6, 5), (float("nan"), 5)])
def test_a_slab_that_is_none_is_refused(slab_mm):
    with pytest.raises(InputError, match="slab_mm: expected two depths, the smaller first"):
        project(LAYERS, slab_mm)


def test_an_unknown_mode_is_refused():
    with pytest.raises(InputError, match="mode: expected mean or max, got 'median'|got median"):
        project(LAYERS, None, "median")


def test_margins_centre_a_projection_on_the_canvas_wanted():
    margins = margins_of((4, 3), (0.5, 0.25), (5.0, 2.0))
    assert margins == ((3, 3), (2, 3))
    canvas = np.pad(np.full((4, 3), 9, np.uint8), margins)
    assert canvas.shape == (10, 8)
    assert np.argwhere(canvas).min(axis=0).tolist() == [3, 2]
    assert canvas.sum() == 9 * 12


def test_a_canvas_counts_in_whole_pixels():
    assert margins_of((4, 3), (0.5, 0.5), (1.9, 1.6)) == ((0, 0), (0, 0))
    assert margins_of((4, 3), (0.5, 0.5), (2.3, 1.6)) == ((0, 1), (0, 0))


def test_without_a_canvas_nothing_is_added():
    assert margins_of((4, 3), (0.5, 0.5), None) == ((0, 0), (0, 0))


@pytest.mark.parametrize("canvas_mm", [(1.5, 9), (9, 1), (-9, 9), (float("nan"), 9)])
def test_a_projection_larger_than_its_canvas_is_refused(canvas_mm):
    expected = r"canvas_mm: expected at least the projection's 2\.0 x 1\.5 mm, got .* x .* mm"
    with pytest.raises(InputError, match=expected):
        margins_of((4, 3), (0.5, 0.5), canvas_mm)


@pytest.mark.parametrize("side_mm", [1e4, 1e308])
def test_a_canvas_that_no_memory_holds_is_refused(side_mm):
    with pytest.raises(InputError, match="canvas_mm: expected at most 80,000,000 pixels"):
        margins_of((4, 3), (0.5, 0.5), (side_mm, side_mm))


def test_image_files_state_their_spacing_in_tissue(tmp_path):
    image = np.arange(90, dtype=np.uint8).reshape(9, 10)
    path = save_projection(tmp_path / "new", image, (0.5, 0.25), {"mode": "max"})
    spacing = file_spacing(path)
    assert (spacing.row_mm, spacing.col_mm) == pytest.approx((0.5, 0.25), rel=1e-4)
    with Image.open(path) as opened:
        assert opened.mode == "L"
        np.testing.assert_array_equal(opened, image)
    assert json.loads((tmp_path / "new" / "projection.json").read_text()) == {"mode": "max"}


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "a").write_text("")
    with pytest.raises(RunError, match="cannot write"):
        save_projection(tmp_path / "a", np.zeros((2, 2), np.uint8), (1, 1), {})
