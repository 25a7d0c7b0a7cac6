import base64
import io

import numpy as np
import pandas as pd
from PIL import Image

from core.reports.run_folder import RunFolder
from core.reports.templates import jpeg_uri
from core.reports.tiles import make_tile, plot_tiles


def tiles(run, rows):
    run.write(rows)
    folder = RunFolder.read(run.root)
    return [make_tile(folder, run.images, row) for _, row in folder.images.iterrows()]


def test_tile_says_what_dice_does_not(tiny_run, mixed_rows):
    found, missed, made_up = tiles(tiny_run, mixed_rows[:3])
    assert found.detail == "image im0, subject a, HD95 2.0 px"
    assert missed.detail == "image im1, subject a, true area 144 px"
    assert made_up.detail == "image im2, subject a, predicted area 144 px"
    assert found.heading == "Dice 0.833"


def test_distance_in_mm_goes_before_pixels(tiny_run, mixed_rows):
    (tile,) = tiles(tiny_run, [mixed_rows[0] | {"hd95_mm": 0.25}])
    assert tile.detail.endswith("HD95 0.2 mm")


def test_image_without_truth_is_shown_with_its_prediction(tiny_run, mixed_rows):
    tiny_run.write(mixed_rows[:1])
    folder = RunFolder.read(tiny_run.root)
    tile = make_tile(
        folder, lambda _: (np.zeros((48, 64, 3), np.uint8), None), folder.images.iloc[0]
    )
    assert tile.picture.shape == (420, 560, 3)


def test_examples_are_drawn_in_a_column_for_each_outcome(tiny_run, mixed_rows, tmp_path):
    found, missed = tiles(tiny_run, mixed_rows[:2])
    plot = plot_tiles(
        "examples", "Examples", {"Found": [found, found], "Missed": [missed], "None": []}
    )
    drawn = [axes for axes in plot.figure.axes if axes.images]
    assert [axes.get_title() for axes in plot.figure.axes[:2]] == ["Found", "Missed"]
    assert len(drawn) == 3
    assert plot.save(tmp_path).stat().st_size > 0


def test_jpeg_keeps_the_colour_of_thin_lines():
    picture = np.zeros((64, 64, 3), np.uint8)
    picture[32] = (60, 190, 255)
    content = base64.b64decode(jpeg_uri(picture).partition(",")[2])
    back = np.asarray(Image.open(io.BytesIO(content))).astype(int)
    assert np.abs(back[32] - (60, 190, 255)).max() < 40


def test_row_without_distance_columns_is_fine(tiny_run, mixed_rows):
    row = pd.Series(mixed_rows[0]).drop(["hd95_px", "hd95_mm"])
    tiny_run.write(mixed_rows[:1])
    assert (
        make_tile(RunFolder.read(tiny_run.root), tiny_run.images, row).detail
        == "image im0, subject a"
    )
