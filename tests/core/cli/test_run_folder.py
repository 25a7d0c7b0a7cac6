import os

import pytest

from core.checks import InputError
from core.cli.run_folder import RUN_VARIABLE, choose_run_dir, find_run, leave_run_dir
from core.cli.words import Request
from tests.fakes import NERVE

FIT = Request(stage="fit")


@pytest.fixture(autouse=True)
def afresh(cwd, monkeypatch):
    for name in (RUN_VARIABLE, "SLURM_JOB_ID", "TORCHELASTIC_RUN_ID", "WORLD_SIZE"):
        monkeypatch.delenv(name, raising=False)
    yield
    os.environ.pop(RUN_VARIABLE, None)


def begun():
    """A new run's folder, as another process would get it."""
    os.environ.pop(RUN_VARIABLE, None)
    return choose_run_dir(NERVE, FIT)


def test_runs_that_start_within_a_second_do_not_collide():
    folders = [begun() for _ in range(5)]
    assert len(set(folders)) == 5
    assert all(folder.is_dir() for folder in folders)


def test_a_processes_children_write_where_it_does():
    folder = choose_run_dir(NERVE, FIT)
    assert choose_run_dir(NERVE, FIT) == folder


def test_name_tells_overlays_and_stage():
    folder = choose_run_dir(NERVE, Request(stage="test", config=["paper", "x/folds.yaml"]))
    assert folder.name.endswith("-paper-folds-test")


def test_slurm_jobs_are_named_after_the_job(monkeypatch):
    monkeypatch.setenv("SLURM_JOB_ID", "77")
    assert begun().name == "slurm-77"


def test_torchrun_needs_a_name_that_all_processes_share(monkeypatch):
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "x")
    with pytest.raises(InputError, match="--run: expected a name for the run, since torchrun"):
        begun()


def test_processes_of_torchrun_share_a_folder(monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "2")
    request = Request(stage="fit", run="shared")
    folder = choose_run_dir(NERVE, request)
    os.environ.pop(RUN_VARIABLE)
    assert choose_run_dir(NERVE, request) == folder


def test_an_unknown_run_names_the_nearest(cwd):
    (cwd / "runs" / NERVE.name / "baseline").mkdir(parents=True)
    with pytest.raises(
        InputError, match="run 'baselin': no such folder .* did you mean 'baseline'"
    ):
        find_run(NERVE, "baselin")


def test_nothing_to_resume_is_said():
    with pytest.raises(InputError, match="a run with checkpoints to resume from, got none"):
        find_run(NERVE, "latest")


def test_a_folder_left_empty_goes_and_any_other_stays():
    empty = begun()
    leave_run_dir()
    assert not empty.exists()
    used = begun()
    (used / "config.yaml").touch()
    leave_run_dir()
    assert used.exists()
    assert RUN_VARIABLE not in os.environ
