import base64
import io
import math
import re

import numpy as np
import pytest
from PIL import Image

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


@pytest.mark.parametrize(
    ("areas", "said"),
    [
        ((0,), "1 image; nothing was found."),
        ((9,), "1 image; the structure was found."),
        ((0, 0), "2 images; nothing was found."),
        ((9, 9), "2 images; the structure was found in 2."),
    ],
)
def test_heading_is_a_sentence_whatever_was_found(tmp_path, areas, said):
    assert said in write(tmp_path, *(predicted(area=area) for area in areas))


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (1, "1 image; found: nerve."),
        (3, "3 images; found: nerve in 3, vessel in 0."),
    ],
)
def test_heading_tells_structures_one_by_one(tmp_path, count, said):
    row = predicted(structures=("nerve", "vessel"), masses=(1, 0))
    assert said in write(tmp_path, *[row] * count)


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


def restored(size=(900, 240)):
    """An image of grey 120 that was restored to grey 60, with a square in it."""
    mask = np.zeros(size, np.uint8)
    mask[100:200, 100:200] = 1
    image, less = (np.full(size, grey, np.uint8) for grey in (120, 60))
    return PredictedImage(name="a.png", image=image, restored=less, mask=mask)


def pictures(page):
    """The page's pictures by what stands below them."""
    found = re.findall(r'base64,([^"]*)"[^>]*><figcaption>(\w+)<', page)
    return {name: np.asarray(Image.open(io.BytesIO(base64.b64decode(u)))) for u, name in found}


def test_a_restored_image_stands_between_observation_and_outlines(tmp_path):
    page = write(tmp_path, restored())
    views = pictures(page)
    assert list(views) == ["Observation", "Restored", "Outlines"]
    assert [int(np.median(view)) for view in views.values()] == [120, 60, 60]
    red = [(view[..., 0].astype(int) - view[..., 1] > 80).any() for view in views.values()]
    assert red == [False, False, True]
    assert len({view.shape for view in views.values()}) == 1
    assert "Predicted outlines and restored images, not checked" in page


def test_restored_images_that_are_not_tall_get_a_row_of_their_own(tmp_path):
    alone = "grid-column: 1 / -1"
    assert alone in write(tmp_path, restored((240, 300)))
    assert alone not in write(tmp_path, restored((300, 240)))


def test_without_restoration_nothing_is_said_of_it(tmp_path):
    page = write(tmp_path, predicted())
    assert page.count("<img") == 1
    assert "restored" not in page.split("</style>")[1]
