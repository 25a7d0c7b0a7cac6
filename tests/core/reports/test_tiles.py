import base64
import io
from dataclasses import replace
from itertools import combinations

import cv2
import numpy as np
import pandas as pd
from matplotlib.transforms import Bbox
from PIL import Image

from core.reports.contours import TRUTH_RGB
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
    assert tile.picture.shape[1:] == (480, 3)


def test_tile_shows_what_it_was_chosen_for(tiny_run, mixed_rows):
    tiny_run.write(mixed_rows[:1])
    run = RunFolder.read(tiny_run.root)
    assert make_tile(run, tiny_run.images, run.images.iloc[0], "recall 0.4").heading == "recall 0.4"


def test_tile_of_one_of_several_structures_outlines_that_one_only(tiny_run):
    truth = np.zeros((48, 64), np.uint8)
    truth[10:22, 10:22], truth[28:40, 40:52] = 1, 2
    vessel, nerve = tiles(tiny_run, tiny_run.add_structures(truth, truth, ["vessel", "nerve"]))
    assert nerve.detail.startswith("nerve, image im0")
    assert vessel.heading == nerve.heading == "Dice 1.000"
    assert not np.array_equal(vessel.picture, nerve.picture)
    for tile in (vessel, nerve):
        green = (np.abs(tile.picture.astype(int) - TRUTH_RGB).sum(axis=-1) < 30).astype(np.uint8)
        apart = cv2.connectedComponents(cv2.dilate(green, np.ones((41, 41))))[0] - 1
        assert apart == 1


def test_rows_of_tiles_stand_under_their_headings(tiny_run, mixed_rows, tmp_path):
    found, missed = tiles(tiny_run, mixed_rows[:2])
    plot = plot_tiles(
        "outlines", "Outlines", {"Found": [found, found], "Missed": [missed], "Odd": []}
    )
    (axes,) = plot.figure.axes
    words = [text.get_text() for text in axes.texts]
    assert words == [
        *("Found", found.heading, found.heading, "Missed", missed.heading),
        "Odd: none among the test images",
    ]
    assert len(axes.images) == 3
    assert plot.save(tmp_path).stat().st_size > 0


def test_nothing_in_a_figure_of_tiles_overlaps(tiny_run, mixed_rows):
    drawn = [
        replace(tile, heading="precision 0.98, recall 0.41") for tile in tiles(tiny_run, mixed_rows)
    ]
    tall = replace(drawn[0], picture=np.zeros((900, 300, 3), np.uint8))
    plot = plot_tiles("outlines", "Outlines", {"First row": drawn[:4], "Second": [tall, drawn[4]]})
    plot.figure.draw_without_rendering()
    (axes,) = plot.figure.axes
    boxes = [item.get_window_extent() for item in (*axes.texts, *axes.images, *plot.figure.legends)]
    assert not [
        (a, b)
        for a, b in combinations(boxes, 2)
        if Bbox.intersection(a.padded(-1), b.padded(-1)) is not None
    ]
    assert all(plot.figure.bbox.x0 <= box.x0 and box.x1 <= plot.figure.bbox.x1 for box in boxes)


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
