import os

import pytest

from core.checks import InputError
from core.cli.run_folder import (
    RUN_VARIABLE,
    choose_run_dir,
    find_run,
    going_on,
    leave_run_dir,
)
from core.cli.words import Request
from tests.fakes import NERVE

FIT = Request(stage="fit")


@pytest.fixture(autouse=True)
def afresh(cwd, monkeypatch):
    for name in (RUN_VARIABLE, "SLURM_JOB_ID", "SLURM_STEP_ID", "TORCHELASTIC_RUN_ID"):
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


def of_torchrun(monkeypatch, *, rank=0, restarts=0):
    os.environ.pop(RUN_VARIABLE, None)
    variables = {"RUN_ID": "none", "RESTART_COUNT": restarts}
    for name, value in variables.items():
        monkeypatch.setenv(f"TORCHELASTIC_{name}", str(value))
    for name, value in {"RANK": rank, "WORLD_SIZE": 2, "LOCAL_WORLD_SIZE": 2}.items():
        monkeypatch.setenv(name, str(value))


def test_torchrun_needs_a_name_that_all_processes_share(monkeypatch):
    of_torchrun(monkeypatch)
    with pytest.raises(InputError, match="--run: expected a name for the run, since torchrun"):
        begun()


SHARED = Request(stage="fit", run="shared")


def test_processes_of_torchrun_share_a_folder(monkeypatch):
    of_torchrun(monkeypatch)
    folder = choose_run_dir(NERVE, SHARED)
    assert folder.is_dir()
    of_torchrun(monkeypatch, rank=1)
    assert choose_run_dir(NERVE, SHARED) == folder


def test_processes_of_torchrun_do_not_take_another_runs_name(monkeypatch):
    choose_run_dir(NERVE, SHARED)
    of_torchrun(monkeypatch)
    with pytest.raises(InputError, match="--run: expected a new name, or --resume shared"):
        choose_run_dir(NERVE, SHARED)


def test_a_later_process_leaves_the_folder_to_the_first(monkeypatch):
    of_torchrun(monkeypatch, rank=1)
    assert not choose_run_dir(NERVE, SHARED).exists()


def test_what_a_launcher_begins_anew_goes_on_from_its_checkpoints(monkeypatch):
    of_torchrun(monkeypatch)
    folder = choose_run_dir(NERVE, SHARED)
    (folder / "checkpoints").mkdir()
    (folder / "checkpoints" / "resume-00000002.ckpt").touch()
    of_torchrun(monkeypatch, restarts=1)
    asked = Request(stage="fit", run="shared", config=["tanh"], overrides=["--data.batch_size=3"])
    request = going_on(NERVE, asked)
    assert request == Request(stage="fit", resume=str(folder))
    assert choose_run_dir(NERVE, request) == folder


def test_what_left_no_checkpoint_begins_again_in_its_folder(monkeypatch):
    of_torchrun(monkeypatch)
    folder = choose_run_dir(NERVE, SHARED)
    of_torchrun(monkeypatch, restarts=1)
    assert going_on(NERVE, SHARED) == SHARED
    assert choose_run_dir(NERVE, SHARED) == folder


def test_nothing_goes_on_by_itself_without_a_launcher():
    folder = choose_run_dir(NERVE, SHARED)
    (folder / "checkpoints").mkdir()
    (folder / "checkpoints" / "resume-00000002.ckpt").touch()
    assert going_on(NERVE, SHARED) == SHARED


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
