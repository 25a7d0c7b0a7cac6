"""A paper's counts beside ours; `check-data` is stood in for by what it leaves."""

import subprocess
from pathlib import Path

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


@pytest.fixture
def checked(monkeypatch):
    """Keeps each command; leaves what the check of a data set with A2C alone leaves."""
    commands = []

    def run(command, **_):
        commands.append(command)
        folder = Path("runs/views/check-data")
        folder.mkdir(parents=True, exist_ok=True)
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
    reproduce(project, "table3_1", "small", ["--data.seed=1"])
    [command] = checked
    assert command[2:] == ["projects.views", "check-data", "--config=few", "--data.seed=1"]


def test_ours_stand_beside_the_papers(project, checked):
    [folder] = reproduce(project, "table3_1", "small", [])
    lines = (folder / "table.md").read_text().splitlines()
    assert "| A2C | 12 | 33,809 | 9 | 26,663 |" in lines
    assert "| A4C | - | 115,474 | - | 92,246 |" in lines
    assert "| Total | 12 | 149,283 | 9 | 118,909 |" in lines


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
