import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from core.reports.checked import CheckedImage, write_checked_page


def checked(name="a.png", missing=(), box=1.0, marker=0.97):
    mask = np.zeros((420, 580), np.uint8)
    mask[20:120, 20:120] = 1
    confidences = {"marker": marker, "box": box}
    found = [kind for kind, value in confidences.items() if value >= 0.5]
    noise = np.random.default_rng(0).integers(0, 80, (420, 580), np.uint8)
    return CheckedImage(
        name=name, image=noise, mask=mask, confidences=confidences, found=found, missing=missing
    )


def write(tmp_path, *rows):
    page = write_checked_page(tmp_path / "out", iter(rows), required=["marker", "box"])
    return page.read_text()


def words(page):
    """The page's words without mark-up."""
    return " ".join(re.sub(r"<[^>]*>", " ", page.split("</style>")[1]).split())


def test_page_lies_in_the_folder(tmp_path):
    write(tmp_path, checked())
    assert (tmp_path / "out" / "annotations.html").is_file()


def test_incomplete_images_come_first_those_that_miss_most_before_others(tmp_path):
    page = write(
        tmp_path,
        checked("whole.png"),
        checked("less.png", missing=["box"], box=0.1),
        checked("least.png", missing=["marker", "box"], box=0.1, marker=0.2),
        checked("less too.png", missing=["box"], box=0.1),
    )
    names = re.findall(r"<b>([^<]*)</b>", page)
    assert names == ["least.png", "less.png", "less too.png", "whole.png"]
    assert re.findall(r"<h2>([^<]*)</h2>", page) == ["Incomplete: 3", "Complete: 1"]


def test_each_kind_has_its_confidence_and_what_is_missing_is_said(tmp_path):
    said = words(write(tmp_path, checked(missing=["box"], box=0.25)))
    assert "a.png marker 0.97 box missing 0.25" in said


def test_kind_that_is_neither_there_nor_required_is_not_missing(tmp_path):
    said = words(write(tmp_path, checked(box=0.25)))
    assert "box not found, not required 0.25" in said
    assert "missing" not in said.replace("no required annotation is missing", "")


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ([()], "1 image; no required annotation is missing."),
        ([(), ()], "2 images; no required annotation is missing."),
        ([["box"], ["marker", "box"], ()],
         "3 images, 2 of them incomplete; missing: box in 2, marker in 1."),
    ],
)  # fmt: skip
def test_summary_is_a_sentence(tmp_path, missing, said):
    assert said in write(tmp_path, *(checked(missing=each) for each in missing))


def test_required_kinds_are_named(tmp_path):
    assert "Required: marker, box" in words(write(tmp_path, checked()))


def test_picture_shows_the_outline_in_the_colour_of_its_line(tmp_path):
    page = write(tmp_path, checked())
    colours = re.findall(r"border-color: rgb\((\d+), (\d+), (\d+)\)", page)
    assert len(set(colours)) == 2
    data = re.search(r"base64,([^\"]*)", page).group(1)
    picture = np.asarray(Image.open(io.BytesIO(base64.b64decode(data)))).astype(int)
    distance = np.abs(picture - np.array([int(value) for value in colours[0]])).sum(axis=2)
    assert (distance < 60).sum() > 100
    assert max(picture.shape) == 360


def test_picture_is_told_to_those_who_cannot_see_it(tmp_path):
    page = write(tmp_path, checked(missing=["box"], box=0.2))
    assert 'alt="a.png, found: marker; missing: box"' in page


def test_file_names_are_text_and_nothing_is_fetched(tmp_path):
    page = write(tmp_path, checked("<script>alert(1)</script>.png"))
    assert "<script" not in page
    links = re.findall(r'(?:src|href)="([^"]*)', page)
    assert links
    assert all(link.startswith("data:image/jpeg") for link in links)
