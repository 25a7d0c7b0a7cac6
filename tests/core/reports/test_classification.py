"""The whole page of a classification."""

from contextlib import contextmanager

import pytest

from core.reports import write_report
from core.reports.classification import classification
from core.reports.drawing import Plot
from core.reports.run_folder import RunFolder
from tests.core.reports.class_run import CLASSES, ClassRun
from tests.core.reports.test_page import Page


@contextmanager
def sketched():
    """Spare the rendering of figures, and t-SNE."""

    def save(plot, folder):
        (folder / f"{plot.name}.png").write_bytes(b"")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Plot, "save", save)
        patch.setattr("core.reports.embedding.embed", lambda vectors: vectors[:, :2])
        yield


def written(run):
    with sketched():
        return Page(write_report(run.root, run.images))


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run with all its files, and its page."""
    run = ClassRun(tmp_path_factory.mktemp("run"))
    run.write(epochs=12)
    return run, written(run)


@pytest.fixture
def page(whole):
    return whole[1]


def test_page_has_the_sections_of_a_classification_and_no_others(page):
    titles = [
        *("Key numbers", "Which class is taken for which", "By class", "By machine"),
        *("Examples", "Training", "How it was made"),
    ]
    found = [words.strip() for words in page.words]
    assert [words for words in found if words in titles] == titles
    assert len(page.all("h2")) == len(titles)


def test_nothing_of_a_segmentation_is_said(page):
    for words in ("Dice", "pixel", "Hausdorff", "Typical outlines", "None among"):
        assert words not in page.text


def test_figures_lie_beside_the_page(whole):
    assert {path.stem for path in (whole[0].root / "figures").glob("*.png")} == {
        *("confusion", "confusion_sequences", "roc", "embedding", "examples"),
        *("loss", "accuracy"),
    }


def test_every_image_is_described(page):
    assert all(len(image["alt"]) > 20 for image in page.all("img"))


def test_hard_pairs_are_named(page):
    assert "A5C is taken for A4C in" in page.text


def test_without_sequences_features_and_curves_the_rest_stands(class_run):
    class_run.write(features=False)
    for name in ("per_sequence", "roc", "metrics"):
        (class_run.root / f"{name}.csv").unlink()
    page = written(class_run)
    assert "Which class is taken for which" in page.text
    assert "PCA" not in page.text
    names = {path.stem for path in (class_run.root / "figures").glob("*.png")}
    assert names == {"confusion", "examples"}


def test_answers_that_are_all_right_are_said_so(class_run):
    class_run.images_table = class_run.images_table.query("correct == 1")
    class_run.write(features=False)
    page = written(class_run)
    assert "No image is taken for another class." in page.text


def test_another_run_has_no_such_part(tiny_run):
    tiny_run.write([])
    assert classification(RunFolder.read(tiny_run.root), tiny_run.images) is None


def test_folder_tells_classes_in_order(tested_run):
    run = RunFolder.read(tested_run.root)
    assert run.classes == list(CLASSES)
    assert run.images.empty
    assert len(run.sequences) == 48


@pytest.mark.slow
def test_figures_are_drawn(class_run):
    write_report(class_run.write(), class_run.images)
    sizes = [path.stat().st_size for path in (class_run.root / "figures").glob("*.png")]
    assert len(sizes) == 7
    assert min(sizes) > 10_000
