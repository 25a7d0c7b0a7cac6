"""From experiments to their tables, with a launcher that only leaves what runs leave."""

import json
import subprocess
import sys

import pytest

from core.checks import RunError
from core.experiments import reproduce
from core.experiments import reproduce as run_tables

WEIGHTS = "model.network.weights"


class Launcher:
    """Stands for the launcher: notes each batch of tasks, leaves tested runs unless they fail."""

    def __init__(self):
        self.batches, self.asked, self.failing = [], [], set()

    def __call__(self, tasks, **where):
        self.batches.append(list(tasks))
        self.asked.append(where)
        failed = [task for task in tasks if task.name in self.failing]
        for task in tasks:
            if task not in failed:
                task.run_dir.mkdir(parents=True, exist_ok=True)
                summary = {"metrics": {"test/dice": 0.5}, "data": {"simulated": True}}
                (task.run_dir / "summary.json").write_text(json.dumps(summary))
                (task.run_dir / "report.html").touch()
        return failed


@pytest.fixture
def launched(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    fake = Launcher()
    monkeypatch.setattr(sys.modules[reproduce.__module__], "launch", fake)
    return fake


def test_a_tables_cells_are_launched_and_its_folder_returned(project, table, launched):
    [folder] = run_tables(project, table(), "small", [])
    assert [len(batch) for batch in launched.batches] == [0, 2]
    assert folder.name == "table9-small"
    assert (folder / "table.md").is_file()


def test_the_table_is_shown(project, table, launched, capsys):
    [folder] = run_tables(project, table(), "small", [])
    assert (folder / "table.md").read_text() in capsys.readouterr().out


def test_where_to_run_is_told_to_the_launcher(project, table, launched):
    reproduce(project, table(), "small", [], jobs=3, ray="local")
    assert launched.asked == [{"jobs": 3, "ray": "local"}] * 2


def test_all_tables_run_what_they_share_once(project, table, launched):
    table(), table("table8", columns={"test/dice": {"name": "Dice"}})
    folders = run_tables(project, "all", "small", [])
    assert len(launched.batches[1]) == 2
    assert sorted(folder.name for folder in folders) == ["table8-small", "table9-small"]


def test_failed_cells_are_named_and_the_table_written_without_them(project, table, launched):
    launched.failing = {"network.act.noise=0.0, split.fold=0"}
    with pytest.raises(RunError, match=r"1 runs failed, see log.txt in runs/some_paper/cell-"):
        run_tables(project, table(), "small", [])
    [written] = launched.batches[1][0].run_dir.parent.glob("table9-small/table.md")
    assert "0.1 | 50.0" in written.read_text()


def test_data_that_cannot_be_counted_stop_no_run(project, table, launched, monkeypatch):
    table()
    counts = "title: Counts\ncounts: {A2C: {Images: 1}}\nsizes: {small: {}}\n"
    (project / "experiments" / "counts.yaml").write_text(counts)
    failed = subprocess.CompletedProcess([], 2)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: failed)
    with pytest.raises(RunError, match="the data of counts could not be counted"):
        run_tables(project, "all", "small", [])
    assert len(launched.batches[1]) == 2


def test_other_options_make_another_table_that_says_so(project, table, launched):
    words = ["--data.source.csv=/mnt/EVA/list.csv", "--trainer.max_epochs=1"]
    [plain] = run_tables(project, table(), "small", [])
    [folder] = run_tables(project, "table9", "small", words)
    assert folder.name.startswith("table9-small-")
    assert folder != plain
    said = "SIZE=small ARGS='--data.source.csv=list.csv --trainer.max_epochs=1'"
    assert said in (folder / "table.md").read_text()


@pytest.fixture
def begun(project, table):
    """Write a table of two cells, the second of which begins from another run."""
    first = {"config": "folds", "values": {"trainer.max_epochs": 9}}
    starts = {"Fresh": {WEIGHTS: None}, "Begun": {WEIGHTS: "{first}"}}
    keys = {"where": {}, "repeats": {}, "columns": {"test/dice": {"name": "Dice"}}}
    return table(first=first, rows={"start": starts}, sizes={"small": {}}, **keys)


def test_what_others_begin_from_is_launched_before_them(project, begun, launched):
    run_tables(project, begun, "small", [])
    assert [len(batch) for batch in launched.batches] == [1, 2]


def test_cells_do_not_begin_where_the_first_run_failed(project, begun, launched):
    launched.failing = {"what the others begin from"}
    with pytest.raises(RunError, match="1 runs failed"):
        run_tables(project, begun, "small", [])
    assert launched.batches[1] == []
