"""The runner without trainings: what would be called is written down, and a run folder left."""

import json
import subprocess
from types import SimpleNamespace

import pytest

from core.checks import InputError, RunError
from core.experiments import reproduce as run_table
from core.experiments.reproduce import is_done

DONE = {"metrics": {"test/dice": 0.5}}


class Processes:
    """Stands for subprocess.run: notes the words, leaves a summary unless the cell is to fail."""

    def __init__(self):
        self.words, self.environments, self.failing = [], [], set()

    def __call__(self, command, *, env, **_):
        words = command[3:]
        self.words.append(words)
        self.environments.append(env)
        if len(self.words) in self.failing:
            return SimpleNamespace(returncode=1, stdout="loading\nerror: disk full\n")
        named = (
            words[words.index("--run") + 1]
            if "--run" in words
            else words[words.index("--resume") + 1]
        )
        folder = self.runs / named.rpartition("/")[2]
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "summary.json").write_text(json.dumps(DONE))
        return SimpleNamespace(returncode=0, stdout="done\n")


@pytest.fixture
def processes(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    fake = Processes()
    fake.runs = tmp_path / "runs" / "some_paper"
    monkeypatch.setattr(subprocess, "run", fake)
    return fake


@pytest.fixture
def small(project, table, processes):
    """Reproduce the small table; returns its folder."""
    table()
    return lambda *options: run_table(project, "table9", "small", list(options))


def test_every_cell_is_a_fit_with_its_overlays_and_values(small, processes):
    small()
    assert [words[0] for words in processes.words] == ["fit", "fit"]
    assert processes.words[0][3:] == [
        "--config=folds",
        "--trainer.max_epochs=2",
        "--data.split.fold=0",
        "--model.network.act=core.layers.NoisyHardSigmoid",
        "--model.network.act.noise=0.0",
    ]


def test_a_class_is_chosen_before_its_arguments(small, processes):
    small()
    words = processes.words[0]
    chosen = next(n for n, word in enumerate(words) if word.startswith("--model.network.act="))
    assert words.index("--model.network.act.noise=0.0") > chosen


def test_options_go_to_every_cell(small, processes):
    small("--trainer.logger=false")
    assert all(words[-1] == "--trainer.logger=false" for words in processes.words)


def test_done_cells_are_skipped(small, processes):
    small()
    small()
    assert len(processes.words) == 2


def test_other_options_make_other_cells(small, processes):
    small()
    small("--trainer.max_epochs=3")
    assert len({words[2] for words in processes.words}) == 4


@pytest.mark.parametrize("file", ["config.yaml", "configs/folds.yaml", "../../core/base.yaml"])
def test_a_changed_config_makes_other_cells(small, processes, project, file):
    small()
    (project / file).write_text("trainer: {max_epochs: 99}\n")
    small()
    assert len({words[2] for words in processes.words}) == 4


def test_a_cell_that_was_cut_off_goes_on(small, processes):
    small()
    folder = processes.runs / processes.words[0][2]
    (folder / "summary.json").write_text(json.dumps({"metrics": {}}))
    (folder / "checkpoints").mkdir()
    (folder / "checkpoints" / "resume-00000050.ckpt").touch()
    small()
    assert processes.words[2] == ["fit", "--resume", f"runs/some_paper/{folder.name}"]


def test_a_cell_cut_off_before_its_first_checkpoint_starts_anew_and_keeps_what_was(
    small, processes
):
    small()
    folder = processes.runs / processes.words[0][2]
    (folder / "summary.json").unlink()
    (folder / "config.yaml").write_text("left")
    small()
    assert processes.words[2][:3] == ["fit", "--run", folder.name]
    (kept,) = processes.runs.glob("*-cut-off-*")
    assert (kept / "config.yaml").read_text() == "left"


def test_a_failed_cell_is_named_after_the_others_have_run(small, processes, capsys):
    processes.failing = {1}
    with pytest.raises(RunError, match=r"1 of 2 runs failed, see their log.txt: cell-"):
        small()
    assert len(processes.words) == 2
    assert "error: disk full" in capsys.readouterr().out
    failed = processes.runs / processes.words[0][2]
    assert (failed / "log.txt").read_text() == "loading\nerror: disk full\n"
    assert (processes.runs / "table9-small" / "table.md").is_file()


def test_a_failed_cell_is_tried_again_next_time(small, processes):
    processes.failing = {1}
    with pytest.raises(RunError):
        small()
    small()
    assert len(processes.words) == 3


def test_cells_do_not_write_into_the_run_of_whoever_started_them(small, processes, monkeypatch):
    monkeypatch.setenv("SONOLAB_RUN", "elsewhere")
    small()
    assert not any("SONOLAB_RUN" in environment for environment in processes.environments)


def test_table_is_written_and_shown(small, processes, capsys):
    folder = small()
    assert (folder / "table.md").read_text() in capsys.readouterr().out


def test_an_unknown_size_is_refused(project, table, processes):
    table()
    with pytest.raises(InputError, match="--size: expected one of small, paper, got huge"):
        run_table(project, "table9", "huge", [])


@pytest.mark.parametrize(
    ("summary", "done"),
    [
        (None, False),
        ({}, False),
        ({"metrics": {}}, False),
        ({"metrics": None}, False),
        ({"metrics": {"test/ssim": None}}, False),
        ({"metrics": {"val/dice": 0.5}}, False),
        ({"metrics": {"test/hd_px": None, "test/ssim": 0.0}}, True),
        (DONE, True),
    ],
)
def test_a_run_is_done_when_it_has_been_tested(tmp_path, summary, done):
    if summary is not None:
        (tmp_path / "summary.json").write_text(json.dumps(summary))
    assert is_done(tmp_path) is done


def test_two_tables_share_the_cells_that_both_have(project, table, processes):
    """The same values, once from `where` and once from the rows, in another order."""
    table()
    act = "core.layers.NoisyHardSigmoid"
    rows = {"model.network.act.noise": [0.1, 0.0], "model.network.act": [act]}
    table("table8", rows=rows, where={})
    for name in ("table9", "table8"):
        run_table(project, name, "small", [])
    assert len(processes.words) == 2


WEIGHTS = "model.network.weights"


@pytest.fixture
def begun(project, table, processes):
    """Reproduce a table of two cells, the second of which begins from another run."""

    def run(epochs=9):
        first = {"config": "folds", "values": {"trainer.max_epochs": epochs}}
        starts = {"Fresh": {WEIGHTS: None}, "Begun": {WEIGHTS: "{first}"}}
        sizes = {"small": {"config": ["paper"]}}
        keys = {"where": {}, "repeats": {}, "columns": {"test/dice": {"name": "Dice"}}}
        table(first=first, rows={"start": starts}, sizes=sizes, **keys)
        return run_table(project, "table9", "small", ["--seed_everything=1"])

    return run


def test_the_first_run_comes_before_all_cells_and_its_checkpoint_goes_where_asked(begun, processes):
    begun()
    first, fresh, started = processes.words
    assert first[3:] == [
        "--config=paper",
        "--config=folds",
        "--trainer.max_epochs=9",
        "--seed_everything=1",
    ]
    assert f"--{WEIGHTS}=null" in fresh
    assert f"--{WEIGHTS}=runs/some_paper/{first[2]}/checkpoints/best.ckpt" in started


def test_a_first_run_that_is_done_is_skipped(begun, processes):
    begun()
    begun()
    assert len(processes.words) == 3


def test_a_changed_first_run_makes_other_cells_of_those_that_begin_from_it(begun, processes):
    begun()
    begun(epochs=10)
    names = [words[2] for words in processes.words]
    assert len(names) == len(set(names)) == 5  # not the one that starts afresh


def test_a_first_run_that_was_cut_off_goes_on(begun, processes):
    begun()
    folder = processes.runs / processes.words[0][2]
    (folder / "summary.json").unlink()
    (folder / "checkpoints").mkdir()
    (folder / "checkpoints" / "resume-00000050.ckpt").touch()
    begun()
    assert processes.words[3] == ["fit", "--resume", f"runs/some_paper/{folder.name}"]


def test_cells_do_not_begin_where_the_first_run_failed(begun, processes, capsys):
    processes.failing = {1}
    with pytest.raises(RunError, match=r"the first run failed, see its log.txt: cell-"):
        begun()
    assert len(processes.words) == 1
    assert "error: disk full" in capsys.readouterr().out
