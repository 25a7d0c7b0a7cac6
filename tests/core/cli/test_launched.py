import pytest

from core.checks import InputError
from core.cli.launched import launch

TORCHRUN = {
    "TORCHELASTIC_RUN_ID": "none",
    "TORCHELASTIC_RESTART_COUNT": "1",
    "RANK": "3",
    "LOCAL_RANK": "1",
    "WORLD_SIZE": "4",
    "LOCAL_WORLD_SIZE": "2",
}
SRUN = {
    "SLURM_JOB_ID": "77",
    "SLURM_STEP_ID": "0",
    "SLURM_NTASKS": "6",
    "SLURM_NTASKS_PER_NODE": "3",
    "SLURM_NNODES": "2",
    "SLURM_PROCID": "4",
}


def test_nothing_has_started_a_process_of_its_own():
    assert launch({}) is None


def test_torchruns_processes_know_their_place():
    found = launch(TORCHRUN)
    assert (found.rank, found.processes, found.nodes, found.per_node) == (3, 4, 2, 2)
    assert (found.restarts, found.slurm, found.name) == (1, False, None)


def test_sruns_tasks_know_their_place():
    found = launch(SRUN)
    assert (found.rank, found.processes, found.nodes, found.per_node) == (4, 6, 2, 3)
    assert (found.restarts, found.slurm, found.name) == (0, True, "slurm-77")


def test_a_job_queued_again_counts_its_restarts():
    assert launch(SRUN | {"SLURM_RESTART_COUNT": "2"}).restarts == 2


def test_a_second_step_of_a_job_is_another_run():
    assert launch(SRUN | {"SLURM_STEP_ID": "1"}).name == "slurm-77-1"


def test_torchrun_inside_of_a_job_is_torchruns():
    assert not launch(SRUN | TORCHRUN).slurm


def test_a_jobs_script_itself_is_no_task_of_it():
    assert launch({name: value for name, value in SRUN.items() if name != "SLURM_STEP_ID"}) is None


def test_a_shell_in_a_job_is_no_task_of_it():
    assert launch(SRUN | {"SLURM_JOB_NAME": "interactive"}) is None


def test_tasks_that_may_lie_unevenly_are_refused():
    uneven = {name: value for name, value in SRUN.items() if "PER_NODE" not in name}
    with pytest.raises(InputError, match="SLURM: expected --ntasks-per-node .*, got --ntasks=6"):
        launch(uneven)
