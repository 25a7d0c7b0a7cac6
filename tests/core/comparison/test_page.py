import base64
import hashlib
import re

import pytest

from core.comparison.page import write_comparison
from core.metrics.agreement import bland_altman
from tests.core.comparison.made_runs import classification, pictures, removal, segmentation


def page_of(folder, *runs, **given):
    path = write_comparison(
        runs, folder / "out", lambda run: pictures, bland_altman, project="tiny", **given
    )
    return path.read_text()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("compared")


@pytest.fixture(scope="module")
def page(folder):
    runs = [segmentation(folder / f"n{k}", noise=k, off=(k, 2)) for k in (0, 4)]
    return page_of(folder, *runs, left_out=["run 'x': <none>"])


def test_the_page_asks_nothing_of_a_network(page):
    assert re.findall(r"(?:src|href)=\"(?!data:)", page) == []
    assert "default-src 'none'" in page


def test_its_script_is_the_only_one_that_may_run(page):
    [script] = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in page


def test_it_has_every_part(page):
    for words in (
        *("Dice on simulated images", "Where the settings differ", "Do they differ?"),
        *("Training", "Image by image", "Where n0 and n4 differ most", "SIMULATED DATA"),
    ):
        assert words in page


def test_what_was_left_out_is_said_and_escaped(page):
    assert "run &#39;x&#39;: &lt;none&gt;" in page


def test_figures_lie_beside_it(folder, page):
    names = sorted(path.name for path in (folder / "out" / "figures").iterdir())
    assert names == ["curves-1-1.png", "curves-1-2.png", "images-1-1.png", "images-1-2.png"]


def test_mixed_runs_are_apart_and_that_is_said(tmp_path):
    real = segmentation(tmp_path / "real", simulated=False, data="bb")
    text = page_of(tmp_path, segmentation(tmp_path / "phantom"), real)
    assert "Dice on real images" in text
    assert "Dice on simulated images" in text
    assert "stand in tables of their own" in text


def test_repetitions_of_one_method_are_compared_as_runs(tmp_path):
    runs = [segmentation(tmp_path / f"r-s{k}", seed=k, off=(3 * k,)) for k in (0, 1)]
    text = page_of(tmp_path, *runs)
    assert "repetitions of one method" in text
    assert "Where r-s0 and r-s1 differ most" in text


@pytest.mark.parametrize("make", [classification, removal])
def test_every_task_has_its_page(tmp_path, make):
    text = page_of(tmp_path, make(tmp_path / "a"), make(tmp_path / "b", noise=1))
    assert "<h2>" in text


def test_methods_are_held_beside_each_other_where_they_have_images_in_common(tmp_path):
    runs = [
        segmentation(tmp_path / f"{part}{noise}", noise=noise, off=(noise,), digest=part)
        for part, noise in (("x", 1), ("y", 2), ("y", 3))
    ]
    assert re.findall(r"Where (.*) differ most", page_of(tmp_path, *runs)) == ["y2 and y3"]
