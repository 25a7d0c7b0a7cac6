"""A paper's counts beside ours; `check-data` is stood in for by what it leaves."""

import base64
import json
import subprocess
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.checks import InputError, RunError
from core.experiments import reference, reproduce
from core.experiments.files import is_of_counts
from core.experiments.record import read_record

CONTENT = """
title: "Table 3.1: images"
counts:
  A2C: {Images: 33809, train: 26663}
  A4C: {Images: 115474, train: 92246}
totals: {Images: 633761}
sizes: {small: {config: [few]}}
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project whose only experiment counts."""
    folder = tmp_path / "projects" / "views"
    (folder / "experiments").mkdir(parents=True)
    (folder / "experiments" / "table3_1.yaml").write_text(CONTENT)
    monkeypatch.chdir(tmp_path)
    return folder


def figure(project, more="", **keys):
    """Write an experiment that shows a figure of what table3_1 counts."""
    said = json.dumps({"kind": "counts", **keys})
    text = f"title: Fig. 3.5\nover: table3_1\nfigure: {said}\n{more}"
    (project / "experiments" / "fig3_5.yaml").write_text(text)


@pytest.fixture
def checked(monkeypatch):
    """Keeps each command; leaves what the check of a data set with A2C alone leaves."""
    commands = []

    def run(command, **_):
        commands.append(command)
        folder = Path(command[4].removeprefix("--output="))
        (folder / "figures").mkdir(parents=True)
        cv2.imwrite(str(folder / "figures" / "machines.png"), np.zeros((9, 9), np.uint8))
        (folder / "statistics.csv").write_text("Class,Images\nA2C,12\nTotal,12\n")
        (folder / "data.json").write_text('{"source": "HeartPhantom", "simulated": true}')
        (folder / "split_statistics.csv").write_text("Class,train\nA2C,9\nTotal,9\n")
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", run)
    return commands


def test_files_that_count_are_told_apart(project):
    (project / "experiments" / "other.yaml").write_text("title: runs\ncolumns: {}\n")
    assert [is_of_counts(project, name) for name in ("table3_1", "other")] == [True, False]


def test_data_are_checked_with_the_sizes_overlays(project, checked):
    [folder] = reproduce(project, "table3_1", "small", ["--data.seed=1"])
    [command] = checked
    output = f"--output={folder}"
    assert command[2:] == ["projects.views", "check-data", output, "--config=few", "--data.seed=1"]


def test_ours_stand_beside_the_papers(project, checked):
    [folder] = reproduce(project, "table3_1", "small", [])
    lines = (folder / "table.md").read_text().splitlines()
    assert "| A2C | 12 | 33,809 | 9 | 26,663 |" in lines
    assert "| A4C | - | 115,474 | - | 92,246 |" in lines
    assert "| Total | 12 | 633,761 | 9 | - |" in lines  # as printed, never a sum of ours


def test_what_was_counted_stays_beside_the_table(project, checked):
    [folder] = reproduce(project, "table3_1", "small", [])
    assert folder == Path("runs/views/table3_1-small")
    assert (folder / "statistics.csv").is_file()


def test_the_page_says_simulated_and_draws_the_shares(project, checked):
    [folder] = reproduce(project, "table3_1", "small", [])
    page = (folder / "table.html").read_text()
    assert "<strong>SIMULATED IMAGES</strong>" in page
    assert page.count("ours, SIMULATED</th>") == 2
    assert 'alt="Images: A2C 100.0 %, the paper&#39;s 22.6 %; A4C 0.0 %' in page
    assert read_record(folder)["table"] == "table3_1"


def test_the_figure_that_is_named_is_shown(project, checked):
    figure(project, plot="machines")
    [folder] = reproduce(project, "fig3_5", "small", [])
    page = (folder / "table.html").read_text()
    png = base64.b64encode((folder / "figures" / "machines.png").read_bytes()).decode()
    assert png in page
    assert 'alt="Fig. 3.5, ours, SIMULATED. Images: A2C 12; train: A2C 9."' in page
    assert not (folder / "bars.png").exists()


def test_no_figure_is_shown_that_the_data_do_not_allow(project, checked):
    figure(project, plot="stages")
    [folder] = reproduce(project, "fig3_5", "small", [])
    assert "No figure: these data do not say" in (folder / "table.html").read_text()


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"plot": "machine"}, "figure.plot: expected one of classes, machines, stages"),
        ({"kind": "bars", "plot": "stages"}, "figure.kind: expected counts, got bars"),
        ({}, "figure: expected kind and plot"),
    ],
)
def test_a_figure_that_is_never_drawn_is_refused_before_anything_runs(project, checked, keys, said):
    figure(project, **keys)
    with pytest.raises(InputError, match=f"fig3_5.yaml: {said}"):
        reproduce(project, "fig3_5", "small", [])
    assert checked == []


def test_totals_of_no_column_are_refused(project, checked):
    figure(project, "totals: {Image: 3}\n", plot="stages")
    with pytest.raises(InputError, match="totals: expected of Images, train, got Image"):
        reproduce(project, "fig3_5", "small", [])


def test_the_same_data_are_counted_once(project, checked):
    figure(project, plot="machines")
    folders = reproduce(project, "all", "small", [])
    assert len(checked) == 1
    assert all((folder / "figures" / "machines.png").is_file() for folder in folders)
    assert read_record(folders[1])["table"] == "table3_1"


def test_an_unknown_size_is_refused(project, checked):
    with pytest.raises(InputError, match="--size: expected one of small, got paper"):
        reproduce(project, "table3_1", "paper", [])


def test_data_that_cannot_be_counted_are_an_error(project, monkeypatch):
    failed = subprocess.CompletedProcess([], 2)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: failed)
    with pytest.raises(RunError, match="could not be counted"):
        reproduce(project, "table3_1", "small", [])


def test_counts_are_no_reference_for_a_run(project):
    assert reference(project, {}) == []
