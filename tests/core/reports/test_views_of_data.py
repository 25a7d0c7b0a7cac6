"""Statistics of a data set counted by hand."""

import pandas as pd
import pytest

from core.checks import InputError
from core.reports.drawing import Plot
from core.reports.views_of_data import class_counts, split_counts, write_statistics
from tests.core.reports.test_page import Page

CLASSES = ("A4C", "A2C", "PLAX")
STAGES = {"train": [10, 11, 12], "test": [13, 14]}


@pytest.fixture
def table():
    """Seven images, their row labels from 10 up."""
    rows = [
        ("s0", "p0", "EPIQ 7", "A4C"),
        ("s0", "p0", "EPIQ 7", "A4C"),
        ("s1", "p0", "EPIQ 7", "A2C"),
        ("s2", "p1", "Vivid", "A4C"),
        ("s3", "p1", "Vivid", "A2C"),
        ("s4", "p1", "Vivid", "UNKNOWN"),
        ("s5", "p2", "Vivid", "UNKNOWN"),
    ]
    names = ["sequence", "subject", "device", "view"]
    return pd.DataFrame(rows, columns=names, index=range(10, 17))


def test_images_sequences_and_patients_are_counted(table):
    counts = class_counts(table, CLASSES, "view")
    assert list(counts) == ["Class", "Images", "Sequences", "Patients"]
    assert counts.to_numpy().tolist() == [
        ["A4C", 3, 2, 2],
        ["A2C", 2, 2, 2],
        ["PLAX", 0, 0, 0],
        ["UNKNOWN", 2, 2, 2],
        ["Total", 7, 6, 3],
    ]


def test_what_is_unknown_has_no_column(table):
    counts = class_counts(table.drop(columns=["sequence", "subject"]), CLASSES, "view")
    assert list(counts) == ["Class", "Images"]


def test_stages_are_counted(table):
    counts = split_counts(table, STAGES, CLASSES, "view")
    assert list(counts) == ["Class", "train", "test"]
    assert counts.to_numpy().tolist() == [
        *(["A4C", 2, 1], ["A2C", 1, 1], ["PLAX", 0, 0], ["Total", 3, 2])
    ]


@pytest.fixture
def drawn(monkeypatch):
    """Spare the rendering, and keep the figures."""
    plots = {}

    def save(plot, folder):
        (folder / f"{plot.name}.png").write_bytes(b"")
        plots[plot.name] = plot

    monkeypatch.setattr(Plot, "save", save)
    return plots


def heights(axes):
    """Heights of the bars, a list a machine."""
    return [[bar.get_height() for bar in bars] for bars in axes.containers]


def test_bars_are_the_counts_stacked_by_machine(table, drawn, tmp_path):
    write_statistics(tmp_path, table, STAGES, CLASSES)
    (whole,), (machines,) = (drawn[name].figure.axes for name in ("classes", "machines"))
    assert heights(whole) == [[3, 2, 0]]
    assert heights(machines) == [[2, 1, 0], [1, 1, 0]]
    train, test = drawn["stages"].figure.axes
    assert heights(train) == [[2, 1, 0], [0, 0, 0]]
    assert heights(test) == [[0, 0, 0], [1, 1, 0]]


def test_without_machines_there_is_one_figure(table, drawn, tmp_path):
    write_statistics(tmp_path, table.drop(columns="device"), STAGES, CLASSES)
    assert list(drawn) == ["classes"]


def test_files_and_page_are_written(table, drawn, tmp_path):
    page = Page(write_statistics(tmp_path / "new", table, STAGES, CLASSES))
    assert {path.name for path in (tmp_path / "new").iterdir()} == {
        *("statistics.csv", "statistics.md", "split_statistics.csv", "split_statistics.md"),
        *("statistics.html", "figures"),
    }
    assert "7 images, 5 of them of 3 classes" in page.text
    assert len(page.all("img")) == 3
    lines = (tmp_path / "new" / "statistics.md").read_text().splitlines()
    assert lines[:3] == [
        "| Class | Images | Sequences | Patients |",
        "| --- | ---: | ---: | ---: |",
        "| A4C | 3 | 2 | 2 |",
    ]


def test_missing_label_is_named(table, tmp_path):
    with pytest.raises(InputError, match="table: expected column 'label'"):
        write_statistics(tmp_path, table, STAGES, CLASSES, label="label")
