import math
import re

import numpy as np

from core.reports.predictions import PredictedImage, write_prediction_page


def predicted(name="a.png", area=100, **values):
    mask = np.zeros((420, 580), np.uint8)
    mask.flat[:area] = 1
    noise = np.random.default_rng(0).integers(0, 80, (420, 580), np.uint8)
    return PredictedImage(name=name, image=noise, mask=mask, **values)


def write(tmp_path, *rows):
    return write_prediction_page(tmp_path / "out", iter(rows), title="ward", model="m").read_text()


def test_area_and_presence_stand_below_the_picture(tmp_path):
    page = write(tmp_path, predicted(spacing_mm=(0.1, 0.2), presence=0.934))
    assert "100 px · 2.0 mm² · presence 93%" in page


def test_unknown_spacing_gives_no_mm(tmp_path):
    page = write(tmp_path, predicted(spacing_mm=(math.nan, 0.1)))
    assert "100 px" in page
    assert "mm²" not in page


def test_empty_prediction_is_said_to_be_empty(tmp_path):
    page = write(tmp_path, predicted(area=0), predicted())
    assert "nothing found" in page
    assert "2 images; the structure was found in 1." in page


def test_file_names_are_text(tmp_path):
    page = write(tmp_path, predicted(name="<script>alert(1)</script>.png"))
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_page_asks_nothing_of_a_network(tmp_path):
    links = re.findall(r'(?:src|href)="([^"]*)', write(tmp_path, predicted()))
    assert links
    assert all(link.startswith("data:image/jpeg") for link in links)


def test_hundred_images_stay_small_even_if_nothing_compresses(tmp_path):
    page = write(tmp_path, *[predicted()] * 100)
    assert len(page) < 100 * 60_000


def test_each_structure_is_told_by_name_and_has_a_colour_of_its_own(tmp_path):
    mask = np.zeros((420, 580), np.uint8)
    mask[20:120, 20:120], mask[200:300, 200:400] = 1, 2
    image = np.full((420, 580), 60, np.uint8)
    row = PredictedImage(
        name="a.png", image=image, mask=mask, structures=("nerve", "vessel"), masses=(1, 2)
    )
    page = write(tmp_path, row)
    assert "nerve: 10000 px" in page
    assert "vessel: 20000 px · 2 separate masses" in page
    colours = re.findall(r"border-color: rgb(\([^)]*\))", page)
    assert len(set(colours)) == 2
