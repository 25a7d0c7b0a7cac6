import numpy as np
import pytest

from core.reports.embedding import embed, plot_embedding, plot_embeddings, read_features
from core.reports.run_folder import RunFolder
from tests.core.reports.class_run import CLASSES


def test_few_vectors_and_equal_ones_have_no_embedding():
    assert embed(np.random.default_rng(0).random((7, 5), np.float32)) is None
    assert embed(np.ones((20, 5), np.float32)) is None
    assert embed(np.arange(20, dtype=np.float32)[:, None]) is None


def test_groups_stay_apart_and_the_same_seed_gives_the_same_places():
    rng = np.random.default_rng(0)
    groups = np.repeat([0, 1], 15)
    vectors = np.float32(rng.normal(0, 1, (30, 60)) + 8 * groups[:, None])
    places = embed(vectors)
    far = np.linalg.norm(places[:, None] - places[None], axis=2)
    np.fill_diagonal(far, np.inf)
    assert (groups[far.argmin(axis=1)] == groups).all()
    np.testing.assert_array_equal(places, embed(vectors))


def test_features_that_are_not_finite_are_left_out(tmp_path):
    vectors = np.array([[1, 2], [np.nan, 0], [np.inf, 0], [3, 4]])
    np.savez(tmp_path / "features.npz", index=[3, 1, 0, 2], features=vectors)
    features = read_features(tmp_path)
    assert features.images.tolist() == [3, 2]
    assert features.vectors.tolist() == [[1, 2], [3, 4]]


@pytest.fixture
def placed(monkeypatch):
    """Spare tests of the drawing t-SNE: places are the first two features."""
    monkeypatch.setattr("core.reports.embedding.embed", lambda vectors: vectors[:, :2])


def test_every_class_is_drawn_and_mistakes_are_ringed(class_run, placed):
    run = RunFolder.read(class_run.write())
    plot = plot_embedding(run)
    dots = [dots for dots in plot.figure.axes[0].collections if len(dots.get_offsets())]
    assert [len(each.get_offsets()) for each in dots[:-1]] == [30] * 8
    wrong = int((run.classified["correct"] == 0).sum())
    assert 0 < wrong == len(dots[-1].get_offsets())
    names = [text.get_text() for text in plot.figure.legends[0].get_texts()]
    assert names == [*CLASSES, "wrong"]
    assert f"features of 240 test images of 8 classes; {wrong} are" in plot.alt


def test_of_many_images_some_are_taken_evenly(class_run, placed, monkeypatch):
    monkeypatch.setattr("core.reports.embedding._MOST", 48)
    plot = plot_embedding(RunFolder.read(class_run.write()))
    drawn = [len(each.get_offsets()) for each in plot.figure.axes[0].collections[:16:2]]
    assert sum(drawn) == 48
    assert all(number in (5, 6, 7) for number in drawn)


def test_features_of_images_that_were_not_tested_are_passed_over(class_run, placed):
    class_run.write()
    np.savez(class_run.root / "features.npz", index=[900, 3], features=np.eye(2))
    assert "features of 1 test images" in plot_embedding(RunFolder.read(class_run.root)).alt


def test_without_features_there_is_no_figure(tested_run):
    assert plot_embedding(RunFolder.read(tested_run.root)) is None


def test_rows_have_a_panel_each_and_one_key(class_run, tested_run, placed):
    run = RunFolder.read(class_run.write())
    plot = plot_embeddings(
        {"a": run, "none": RunFolder.read(tested_run.root), "b": run}, "Fig. 4.9"
    )
    assert [axes.get_title(loc="left") for axes in plot.figure.axes] == ["a", "b"]
    [key] = plot.figure.legends
    assert [text.get_text() for text in key.get_texts()] == [*CLASSES, "wrong"]
    assert plot.alt.startswith("a: t-SNE of the features of 240 test images")


def test_rows_without_features_have_no_figure(tested_run):
    assert plot_embeddings({"none": RunFolder.read(tested_run.root)}, "Fig. 4.9") is None
