import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from core.reports import cleaned
from core.reports.cleaned import CleanedImage, write_cleaned_page


def row(name="a.png", *, size=(210, 290), annotations=1, colour=False):
    """Grey 120 with a square that was 30 brighter, and has been found."""
    mask = np.zeros(size, np.uint8)
    mask[80:120, 80:120] = annotations > 0
    before = np.full(size, 120, np.uint8)
    image = before + 30 * mask
    if colour:
        image, before = (np.repeat(each[..., None], 3, axis=2) for each in (image, before))
    return CleanedImage(name=name, image=image, cleaned=before, mask=mask, annotations=annotations)


def write(tmp_path, *rows):
    page = write_cleaned_page(tmp_path / "out", iter(rows), model="annotation_n2n, first")
    assert page == tmp_path / "out" / "cleaned.html"
    return page.read_text()


def pictures(page):
    """The page's pictures by what stands below them."""
    found = re.findall(r'base64,([^"]*)"[^>]*><figcaption>([^<]+)<', page)
    return {name: np.asarray(Image.open(io.BytesIO(base64.b64decode(u)))) for u, name in found}


@pytest.mark.parametrize("colour", [False, True])
def test_an_image_is_shown_before_and_after_and_what_was_removed(tmp_path, colour):
    views = pictures(write(tmp_path, row(colour=colour)))
    before, after, removed = views.values()
    assert list(views) == ["Input", "Cleaned", "Removed"]
    assert before.shape == after.shape == removed.shape
    middle = before.shape[0] * 100 // 210, before.shape[1] * 100 // 290
    levels = [int(view[middle].mean()) for view in (before, after, removed)]
    assert levels == pytest.approx([150, 120, 120], abs=3)  # the change of 30, four times
    assert removed[5, 5].max() < 3


def test_only_the_input_is_outlined(tmp_path):
    views = pictures(write(tmp_path, row()))
    red = [(view[..., 0].astype(int) - view[..., 1] > 80).any() for view in views.values()]
    assert red == [True, False, False]


def test_what_was_found_stands_below(tmp_path):
    page = write(tmp_path, row(), row("b.png", annotations=3), row("c.png", annotations=0))
    assert "found in 1 place · 2.6% of the image" in page
    assert "found in 3 places · " in page
    assert "nothing found" in page
    assert "3 images; annotations were found in 2." in page


def test_one_image_is_not_called_images(tmp_path):
    assert "1 image; annotations were found in 1." in write(tmp_path, row())


def test_the_page_says_that_it_is_for_research_and_what_cleaned(tmp_path):
    page = write(tmp_path, row())
    assert "RESEARCH USE" in page
    assert "annotation_n2n, first" in page


def test_names_are_escaped_and_nothing_is_loaded_from_elsewhere(tmp_path):
    page = write(tmp_path, row("<script>alert(1)</script>"))
    assert "<script" not in page
    assert not re.findall(r'(?:src|href)="(?!data:)', page)


def test_what_is_not_shown_is_counted_and_taken_all_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr(cleaned, "MOST", 2)
    rows = (row(f"{number}.png") for number in range(3))
    page = write(tmp_path, *rows)
    assert "3 images; annotations were found in 3. The first 2 are shown." in page
    assert "2.png" not in page


def test_a_tall_image_does_not_fill_the_page(tmp_path):
    page = write(tmp_path, row(size=(290, 210)))
    assert "grid-column: 1 / -1" not in page
