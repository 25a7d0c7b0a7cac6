"""Which runs an experiment asks for, and under which names; nothing is run."""

import json

import pytest

from core.checks import InputError
from core.experiments.cells import plan

WEIGHTS = "model.network.weights"


@pytest.fixture
def small(project, table):
    """Expand the small table, with options for every cell."""
    table()
    return lambda *options: plan(project, "table9", "small", list(options))


def run_dirs(*plans):
    return {task.run_dir for own in plans for task in own.tasks}


def test_every_cell_is_a_fit_with_its_overlays_and_values(small):
    first, second = (task.words for task in small().tasks)
    assert first[0] == second[0] == "fit"
    assert first[3:] == [
        "--config=folds",
        "--trainer.max_epochs=2",
        "--data.split.fold=0",
        "--model.network.act=core.layers.NoisyHardSigmoid",
        "--model.network.act.noise=0.0",
    ]


def test_a_class_is_chosen_before_its_arguments(small):
    words = small().tasks[0].words
    chosen = next(n for n, word in enumerate(words) if word.startswith("--model.network.act="))
    assert words.index("--model.network.act.noise=0.0") > chosen


def test_a_cells_folder_bears_the_name_that_it_is_run_by(small):
    for task in small().tasks:
        assert task.words[1:3] == ["--run", task.run_dir.name]


def test_options_go_to_every_cell(small):
    tasks = small("--trainer.logger=false").tasks
    assert all(task.words[-1] == "--trainer.logger=false" for task in tasks)


def test_equal_experiments_are_equal_runs(small):
    assert small() == small()


def test_other_options_make_other_cells(small):
    assert len(run_dirs(small(), small("--trainer.max_epochs=3"))) == 4


@pytest.mark.parametrize("file", ["config.yaml", "configs/folds.yaml", "../../core/base.yaml"])
def test_a_changed_config_makes_other_cells(small, project, file):
    before = small()
    (project / file).write_text("trainer: {max_epochs: 99}\n")
    assert len(run_dirs(before, small())) == 4


def test_a_comment_makes_no_other_cells(small, project):
    before, file = small(), project / "configs" / "folds.yaml"
    file.write_text(f"# said anew\n{file.read_text()}")
    assert run_dirs(before) == run_dirs(small())


def test_an_overlay_of_the_users_own_may_be_a_file(small, tmp_path):
    own = tmp_path / "mine.yaml"
    own.write_text("seed_everything: 1\n")
    before = small(f"--config={own}")
    own.write_text("seed_everything: 2\n")
    assert len(run_dirs(before, small(f"--config={own}"))) == 4


def test_two_tables_share_the_cells_that_both_have(project, table):
    """The same values, once from `where` and once from the rows, in another order."""
    act = "core.layers.NoisyHardSigmoid"
    rows = {"model.network.act.noise": [0.1, 0.0], "model.network.act": [act]}
    names = table(), table("table8", rows=rows, where={})
    assert len(run_dirs(*(plan(project, name, "small", []) for name in names))) == 2


def test_an_unknown_size_is_refused(project, table):
    with pytest.raises(InputError, match="--size: expected one of small, paper, got huge"):
        plan(project, table(), "huge", [])


def test_tested_cells_are_done_with_their_row_and_repetition(small, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    own = small()
    run = own.tasks[1].run_dir
    run.mkdir(parents=True)
    (run / "summary.json").write_text(json.dumps({"metrics": {"test/dice": 0.5}}))
    (run / "report.html").touch()
    [done] = own.done
    assert (done.run, done.row) == (run, {"model.network.act.noise": 0.1})
    assert done.repeat == {"data.split.fold": 0}


@pytest.fixture
def begun(project, table):
    """Expand a table of two cells, the second of which begins from another run."""

    def expand(epochs=9):
        first = {"config": "folds", "values": {"trainer.max_epochs": epochs}}
        starts = {"Fresh": {WEIGHTS: None}, "Begun": {WEIGHTS: "{first}"}}
        sizes = {"small": {"config": ["paper"]}}
        keys = {"where": {}, "repeats": {}, "columns": {"test/dice": {"name": "Dice"}}}
        table(first=first, rows={"start": starts}, sizes=sizes, **keys)
        return plan(project, "table9", "small", ["--seed_everything=1"])

    return expand


def test_the_first_runs_checkpoint_goes_where_asked(begun):
    own = begun()
    fresh, started = (task.words for task in own.tasks)
    assert own.first.words[3:] == [
        "--config=paper",
        "--config=folds",
        "--trainer.max_epochs=9",
        "--seed_everything=1",
    ]
    assert f"--{WEIGHTS}=null" in fresh
    assert f"--{WEIGHTS}={own.first.run_dir}/checkpoints/best.ckpt" in started


def test_a_changed_first_run_makes_other_cells_of_those_that_begin_from_it(begun):
    one, other = begun(), begun(epochs=10)
    assert one.first.run_dir != other.first.run_dir
    assert one.tasks[0] == other.tasks[0]  # it starts afresh
    assert one.tasks[1] != other.tasks[1]
