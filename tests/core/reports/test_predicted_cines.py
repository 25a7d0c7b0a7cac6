import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from core.reports.predicted_cines import PredictedCine, write_cine_page


def cine(name="a", **values):
    image = np.random.default_rng(0).integers(0, 80, (480, 640), np.uint8)
    known = {"image": image, "predicted": "A4C", "votes": 0.75, "confidence": 0.914, "frames": 40}
    return PredictedCine(name=name, **known | values)


def page_of(tmp_path, *cines):
    return write_cine_page(tmp_path / "out", iter(cines), model="m").read_text()


def test_class_confidence_and_votes_stand_below_the_picture(tmp_path):
    page = page_of(tmp_path, cine())
    assert "<b>A4C</b> 91 % · 75 % of 40 frames<br>a</figcaption>" in page


def test_one_is_singular(tmp_path):
    page = page_of(tmp_path, cine(frames=1, votes=1.0))
    assert "1 cine: A4C 1." in page
    assert "100 % of 1 frame<br>" in page


def test_a_class_given_to_a_clip_has_no_votes(tmp_path):
    page = page_of(tmp_path, cine(votes=None))
    assert "<b>A4C</b> 91 % · 40 frames<br>a</figcaption>" in page
    assert "vote" not in page.partition("<h1>")[2]
    assert "from a clip of the frames" in page


def test_equal_confidence_goes_by_name(tmp_path):
    page = page_of(tmp_path, cine("c"), cine("b"), cine("d", confidence=0.2))
    assert re.findall(r"<br>(\w)</figcaption>", page) == ["d", "b", "c"]


def test_names_are_text_and_no_markup(tmp_path):
    page = page_of(tmp_path, cine("<script>x</script>"))
    assert "<script>x" not in page
    assert "&lt;script&gt;x" in page


@pytest.mark.parametrize("shape", [(480, 640), (480, 640, 3), (900, 300)])
def test_pictures_are_small_and_keep_their_shape(tmp_path, shape):
    page = page_of(tmp_path, cine(image=np.zeros(shape, np.uint8)))
    picture = Image.open(io.BytesIO(base64.b64decode(re.search(r"base64,([^\"]+)", page)[1])))
    assert picture.width <= 360
    assert picture.width / picture.height == pytest.approx(shape[1] / shape[0], rel=0.02)
