import json
import math
import statistics
from types import SimpleNamespace

import pandas as pd
import pytest

from core.experiments import read_experiment
from core.experiments.collect import write_table
from core.reports import curves

NOISE = "model.network.act.noise"
DICE = {0.0: [0.50, 0.55, 0.63], 0.1: [0.70, 0.72, 0.68]}


@pytest.fixture
def collected(project, table, write_run, tmp_path):
    """Write the table of runs with these values of Dice by row; returns frame, text and folder."""

    def collect(dice=DICE, *, simulated=True, failed=(), **keys):
        experiment = read_experiment(project, table(**keys))
        runs, values = {}, {noise: iter(found) for noise, found in dice.items()}
        for number, cell in enumerate(experiment.cells(experiment.sizes["paper"])):
            folder = runs_folder = tmp_path / f"run{number}"
            metrics = {"test/dice": next(values[cell.row[NOISE]]), "test/hd_px": None}
            if number not in failed:
                write_run(runs_folder, metrics, simulated=simulated)
            runs[folder] = cell
        folder = write_table(experiment, runs, tmp_path / "table")
        return pd.read_csv(folder / "table.csv"), (folder / "table.md").read_text(), folder

    return collect


def test_a_row_is_mean_and_deviation_over_its_repeats(collected):
    frame, _, _ = collected()
    assert frame[NOISE].tolist() == [0.0, 0.1]
    for (_, row), values in zip(frame.iterrows(), DICE.values(), strict=True):
        assert row["Dice (%) mean"] == pytest.approx(100 * statistics.mean(values))
        assert row["Dice (%) sd"] == pytest.approx(100 * statistics.stdev(values))
        assert row["Dice (%) runs"] == 3


def test_the_papers_number_stands_beside_ours(collected):
    frame, text, _ = collected()
    assert frame["Dice (%) paper"].tolist() == [52.4, 61.8]
    assert "| 0.0 | 56.0 ± 6.6 | 52.4 | - | - |" in text.splitlines()
    assert "| 0.1 | 70.0 ± 2.0 | 61.8 | - | 7.5 |" in text.splitlines()


def test_a_misprint_is_marked_with_what_it_must_be(collected):
    dice = {"name": "Dice (%)", "scale": 100, "paper": [52.4, 61.8], "misprints": {"0.1": 68.1}}
    _, text, _ = collected(columns={"test/dice": dice})
    assert "| 0.1 | 70.0 ± 2.0 | 61.8 [68.1] |" in text.splitlines()
    assert "| 0.0 | 56.0 ± 6.6 | 52.4 |" in text.splitlines()
    assert "[In brackets]: what a misprinted number must be" in text


def test_heading_names_title_rows_and_columns(collected):
    lines = collected()[1].splitlines()
    assert lines[0] == "# Table 9: Dice of two units at two noise levels"
    assert "| noise | Dice (%) ours | paper | HD (px) ours | paper |" in lines


def test_simulated_images_are_said_to_be(collected):
    assert "Ours is on SIMULATED images" in collected()[1]


def test_real_images_need_no_warning(collected):
    assert "SIMULATED" not in collected(simulated=False)[1]


def test_failed_runs_count_as_missing(collected):
    frame, _, _ = collected(failed=[0, 1])
    assert frame["Dice (%) runs"].tolist() == [1, 3]
    assert frame["Dice (%) mean"].tolist() == pytest.approx([63.0, 70.0])


def test_one_run_has_no_deviation(collected):
    assert "| 0.0 | 63.0 | 52.4 |" in collected(failed=[0, 1])[1]


def test_a_row_without_any_run_is_shown_as_missing(collected):
    frame, text, _ = collected(failed=[0, 1, 2])
    assert "| 0.0 | - | 52.4 | - | - |" in text.splitlines()
    assert math.isnan(frame["Dice (%) mean"][0])


def test_epochs_to_converge_are_counted_from_the_curve(collected):
    columns = {"epochs_to_converge": {"name": "Epochs"}}
    frame, _, _ = collected(columns=columns)
    assert frame["Epochs mean"].tolist() == [3, 3]  # 0.1, 0.5, 0.6: the third is the best


def test_a_figure_is_drawn_where_the_experiment_asks_for_curves(collected):
    assert (collected(curve="val/dice")[2] / "curves.png").stat().st_size > 1000


def test_no_figure_is_drawn_otherwise(collected):
    assert not list(collected()[2].glob("*.png"))


def test_curves_of_no_run_at_all_are_no_error(collected):
    _, text, folder = collected(failed=range(6), curve="val/dice")
    assert "| 0.1 | - | 61.8 | - | 7.5 |" in text
    assert not list(folder.glob("*.png"))


def test_facts_of_a_run_may_be_columns(project, table, write_run, tmp_path):
    columns = {"parameters": {"name": "Parameters"}, "inference_ms": {"name": "ms"}}
    experiment = read_experiment(project, table(columns=columns, repeats={}))
    run = write_run(tmp_path / "run", {"test/dice": 0.5})
    summary = json.loads((run / "summary.json").read_text())
    summary |= {"parameters": 491879, "inference": {"ms_per_image": 9.9, "ms_per_image_folded": 3}}
    (run / "summary.json").write_text(json.dumps(summary))
    runs = {run: experiment.cells(experiment.sizes["paper"])[0]}
    frame = pd.read_csv(write_table(experiment, runs, tmp_path / "table") / "table.csv")
    assert frame.loc[0, ["Parameters mean", "ms mean"]].tolist() == [491879, 9.9]


def test_a_column_that_the_paper_does_not_have_stands_alone(collected):
    columns = {"test/dice": {"name": "Dice"}, "test/hd_px": {"name": "HD (px)", "paper": [1, 7.55]}}
    lines = collected(columns=columns)[1].splitlines()
    assert "| noise | Dice | HD (px) ours | paper |" in lines
    assert "| 0.1 | 0.700 ± 0.020 | - | 7.55 |" in lines


def test_curves_are_drawn_in_the_panels_that_the_experiment_names(collected, monkeypatch):
    drawn = []
    plot = SimpleNamespace(save=drawn.append)
    monkeypatch.setattr(curves, "plot_curves", lambda *given, **look: drawn.append(look) or plot)
    panels = {"a": ["0.0"], "b": ["0.1"]}
    folder = collected(curve="val/dice", panels=panels, curve_x="step")[2]
    assert drawn == [{"panels": panels, "x": "step", "beside": None}, folder]


def test_accuracy_is_drawn_by_size_where_the_experiment_asks(project, table, write_run, tmp_path):
    by_size = {"series": "name", "share": NOISE}
    rows = {"name": {"one": {}, "other": {}}, NOISE: [0.1, 0.5]}
    experiment = read_experiment(project, table(by_size=by_size, rows=rows, columns={}))
    runs = {}
    for number, cell in enumerate(experiment.cells(experiment.sizes["small"])):
        runs[tmp_path / f"run{number}"] = cell
        write_run(tmp_path / f"run{number}", {"test/accuracy": 0.2 * number})
    folder = write_table(experiment, runs, tmp_path / "table")
    assert (folder / "by_size.png").is_file()
