import numpy as np
import pandas as pd
import pytest
from PIL import Image

from core.checks import InputError
from core.experiments import read_experiment
from core.experiments.collect import collect
from core.experiments.evidence import Evidence
from core.experiments.figures import check_figure, draw_figure
from core.experiments.spec import Done
from core.reports import by_size, curves

NOISE = "model.network.act.noise"


@pytest.fixture
def drawn(project, table, write_run, tmp_path):
    """Draw an experiment's figure of runs, to each of which a function may add."""

    def draw(add=lambda run, cell: None, *, simulated=True, failed=(), **keys):
        experiment = read_experiment(project, table(**keys))
        size, done = experiment.sizes["paper"], []
        for number, cell in enumerate(experiment.cells(size)):
            if number not in failed:
                value = 0.5 + cell.row.get(NOISE, 0)
                metrics = {"test/dice": value, "test/accuracy": value}
                run = write_run(tmp_path / f"run{number}", metrics, simulated=simulated)
                add(run, cell)
                done.append(Done(row=cell.row, repeat=cell.repeat, run=run))
        return draw_figure(experiment, collect(experiment, size, Evidence(done)), tmp_path)

    return draw


def test_a_table_without_a_figure_of_its_own_has_its_means_drawn(drawn):
    picture = drawn()
    assert picture.path.name == "forest.png"
    assert "Dice (%): 0.0 50, the paper's 52.4; 0.1 60, the paper's 61.8." in picture.alt


def test_simulated_images_are_said_to_be_in_the_figure(drawn, monkeypatch):
    titles = []
    monkeypatch.setattr(
        "core.experiments.figures.save_picture",
        lambda plot, _: titles.append(plot.figure.get_suptitle()),
    )
    drawn()
    assert titles == ["SIMULATED images"]


def test_nothing_is_said_of_real_ones(drawn, monkeypatch):
    titles = []
    monkeypatch.setattr(
        "core.experiments.figures.save_picture",
        lambda plot, _: titles.append(plot.figure.get_suptitle()),
    )
    drawn(simulated=False)
    assert titles == [""]


def test_without_any_run_nothing_is_drawn(drawn):
    assert drawn(failed=range(6)) is None


def test_curves_are_means_over_a_rows_runs(drawn, monkeypatch):
    given = {}
    real = curves.plot_curves
    monkeypatch.setattr(
        curves, "plot_curves", lambda tables, *a, **k: given.update(tables) or real(tables, *a, **k)
    )

    def add(run, cell):
        fold = cell.repeat["data.split.fold"]
        (run / "metrics.csv").write_text(f"epoch,val/dice\n0,{fold / 10}\n1,0.9\n")

    picture = drawn(add, figure={"kind": "curves", "metric": "val/dice", "panels": {"a": ["0.1"]}})
    assert picture.path.name == "curves.png"
    assert given["0.0"]["val/dice"].tolist() == pytest.approx([0.1, 0.9])


def test_accuracy_is_drawn_by_the_axes_that_the_experiment_names(drawn, monkeypatch):
    given = []
    real = by_size.plot_by_size
    monkeypatch.setattr(by_size, "plot_by_size", lambda f, t: given.append(f) or real(f, t))
    rows = {"name": {"one": {}, "other": {}}, NOISE: [0.1, 0.4]}
    columns = {"test/accuracy": {"name": "Accuracy"}}
    picture = drawn(
        rows=rows, columns=columns, figure={"kind": "by_size", "series": "name", "share": NOISE}
    )
    assert picture.path.name == "by_size.png"
    assert given[0].groupby("share")["accuracy"].first().tolist() == [0.6, 0.9]


def test_roc_curves_of_rows_lie_over_each_other(drawn):
    def add(run, cell):
        points = {"structure": "nerve", "group": "all", "fpr": [0, 0.5, 1], "tpr": [0, 0.9, 1]}
        pd.DataFrame(points).assign(auc=0.8 + cell.row[NOISE]).to_csv(run / "roc.csv", index=False)

    assert "0.0 0.8000; 0.1 0.9000" in drawn(add, figure={"kind": "roc"}).alt


def add_classes(run, cell):
    truth = ["A4C", "PLAX"] * 5
    wrong = ["PLAX" if cell.row[NOISE] else "A4C"]
    table = pd.DataFrame({"index": range(10), "id": range(10), "subject": "s", "truth": truth})
    table["predicted"] = wrong + truth[1:]
    table["correct"] = (table["predicted"] == table["truth"]).astype(int)
    table.assign(**{"p/A4C": 0.5, "p/PLAX": 0.5}).to_csv(run / "per_image.csv", index=False)
    rng = np.random.default_rng(0)
    np.savez(run / "features.npz", index=np.arange(10), features=rng.random((10, 4), np.float32))


def test_confusion_matrices_add_up_a_rows_runs(drawn):
    alt = drawn(add_classes, figure={"kind": "confusion"}).alt
    assert alt.startswith("0.0: Confusion matrix of 30 images; rightly recognised: A4C 1.00")
    assert "0.1: Confusion matrix of 30 images; rightly recognised: A4C 0.80" in alt


def test_features_of_rows_have_a_panel_each(drawn, monkeypatch):
    monkeypatch.setattr("core.reports.embedding.embed", lambda vectors: vectors[:, :2])
    alt = drawn(add_classes, figure={"kind": "embedding"}).alt
    assert alt.count("t-SNE of the features of 10 test images") == 2


def test_cases_are_the_same_images_of_each_row(drawn):
    def add(run, cell):
        for index in range(3 if cell.row[NOISE] else 5):
            (run / "restored").mkdir(exist_ok=True)
            path = run / "restored" / f"{index:06d}.png"
            Image.fromarray(np.full((8, 9), 100, np.uint8)).save(path)

    picture = drawn(add, figure={"kind": "cases"})
    assert picture.alt.count("test image 2.") == 2
    assert "test image 4" not in picture.alt


@pytest.mark.parametrize(
    ("figure", "expected"),
    [
        ({"kind": "curve"}, r"table9.yaml: figure: expected one of .*did you mean 'curves'"),
        ({"kind": "roc", "x": "step"}, "figure of roc: expected no options, got x"),
        ({"kind": "forest", "metric": "a"}, "figure of forest: expected no options, got metric"),
    ],
)
def test_a_figure_that_cannot_be_drawn_is_refused(figure, expected):
    with pytest.raises(InputError, match=expected):
        check_figure("table9.yaml", figure)
