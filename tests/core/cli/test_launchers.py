"""One run of two processes under torchrun and under SLURM, as the README tells users to start it."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
import torch

from tests.bits import end_of, same
from tests.fakes import NERVE, TINY_NERVE, TINY_PHANTOM, write_overlay

pytestmark = pytest.mark.slow

ROOT = NERVE.parents[1]
PATIENCE_S = 600
TINY = [*TINY_NERVE, *TINY_PHANTOM, "--data.batch_size=2"]
EPOCHS = ["--trainer.max_epochs=8"]
# What SLURM's srun is to the tasks of a job: it numbers them, and passes the job's signals on.
SRUN = """#!/bin/bash
shift
pids=()
for rank in 0 1; do
  SLURM_STEP_ID=0 SLURM_PROCID=$rank SLURM_LOCALID=$rank SLURM_NODEID=0 "$@" &
  pids+=($!)
done
trap 'kill -USR1 "${pids[@]}"' USR1
worst=0
for pid in "${pids[@]}"; do
  wait "$pid"; code=$?
  while kill -0 "$pid" 2>/dev/null; do wait "$pid"; code=$?; done
  [ "$code" -gt "$worst" ] && worst=$code
done
exit "$worst"
"""
SCONTROL = '#!/bin/bash\necho "$@" >> "$SCONTROL_LOG"\n'
JOB = {
    "SLURM_JOB_ID": "4242",
    "SLURM_JOB_NAME": "sonolab",
    "SLURM_NTASKS": "2",
    "SLURM_NTASKS_PER_NODE": "2",
    "SLURM_NNODES": "1",
    "SLURM_NODELIST": "127.0.0.1",
    "SLURM_JOB_NODELIST": "127.0.0.1",
    "SLURM_CPUS_PER_TASK": "1",
}


def words_in(folder):
    """Options of a tiny training of many checkpoints."""
    return [f"--config={write_overlay(folder / 'often.yaml', save_every=2)}", *TINY, *EPOCHS]


def run_dir(cwd, name):
    return cwd / "runs" / NERVE.name / name


def assert_whole(folder, whole):
    """One run of two processes, which ended where the same run of Lightning's own launcher did."""
    assert same(end_of(folder), end_of(whole))
    assert json.loads((folder / "summary.json").read_text())["device"]["count"] == 2
    assert pd.read_csv(folder / "metrics.csv")["epoch"].tolist() == list(range(8))
    tested, split = (pd.read_csv(folder / name) for name in ("per_image.csv", "split.csv"))
    assert tested["index"].tolist() == split[split["stage"] == "test"]["index"].tolist()
    assert (folder / "report.html").is_file()
    content = torch.load(folder / "checkpoints" / "last.ckpt", weights_only=True)
    ranks = next(s for name, s in content["callbacks"].items() if "ExactResume" in name)["ranks"]
    assert len(ranks) == 2
    assert list(folder.parent.iterdir()) == [folder]


def finished(command, cwd, **variables):
    return subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **variables},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )


TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
OWN_STORE = {"TORCH_DISABLE_SHARE_RDZV_TCP_STORE": "1"}  # with the agent's, gloo waits for the dead
PROJECT = ["-m", "--", f"projects.{NERVE.name}", "fit"]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The same training on two processes that Lightning starts by itself."""
    folder = tmp_path_factory.mktemp("whole")
    command = [sys.executable, "-m", f"projects.{NERVE.name}", "fit", "--run", "whole"]
    two = ["--trainer.devices=2", "--trainer.strategy=ddp"]
    done = finished([*command, *words_in(folder), *two], folder)
    assert done.returncode == 0, done.stderr[-3000:]
    return run_dir(folder, "whole")


def test_torchrun_trains_one_run_on_all_of_its_processes(cwd, whole):
    done = finished([*TORCHRUN, *PROJECT, "--run", "both", *words_in(cwd)], cwd)
    assert done.returncode == 0, done.stderr[-3000:]
    assert_whole(run_dir(cwd, "both"), whole)


def test_what_torchrun_begins_anew_goes_on_exactly(cwd, whole):
    said, command = cwd / "said.txt", [*TORCHRUN, "--max-restarts=1", *PROJECT, "--run", "both"]
    with said.open("wb") as file:
        agent = subprocess.Popen(
            [*command, *words_in(cwd)],
            cwd=cwd,
            env={**os.environ, "PYTHONPATH": str(ROOT), **OWN_STORE},
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    wait_for(run_dir(cwd, "both"), "checkpoints/resume-*.ckpt", agent)
    os.kill(children(agent)[-1], signal.SIGKILL)
    assert agent.wait(timeout=PATIENCE_S) == 0, said.read_text()[-3000:]
    assert_whole(run_dir(cwd, "both"), whole)


def test_a_number_of_devices_that_is_not_the_launchers_is_refused(cwd):
    done = finished([*TORCHRUN, *PROJECT, "--run", "both", *TINY, "--trainer.devices=1"], cwd)
    assert done.returncode != 0
    said = "--trainer.devices: expected one for each of the 2 processes that the launcher has"
    assert said in done.stderr
    assert not list(run_dir(cwd, "both").glob("*"))


def children(process):
    """The numbers of the processes that a process has started."""
    return list(
        map(int, Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split())
    )


def wait_for(folder, pattern, process):
    deadline = time.monotonic() + PATIENCE_S
    while not list(folder.glob(pattern)):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)


class Slurm:
    """A cluster that is this machine: srun, scontrol, and a job of two tasks."""

    def __init__(self, cwd):
        self.cwd, self.log, tools = cwd, cwd / "scontrol.txt", cwd / "bin"
        tools.mkdir()
        for name, text in (("srun", SRUN), ("scontrol", SCONTROL)):
            (tools / name).write_text(text)
            (tools / name).chmod(0o755)
        (cwd / ".venv").symlink_to(sys.prefix)
        self.said = cwd / "said.txt"
        path = f"{tools}:{os.environ['PATH']}"
        self.environment = {"PATH": path, "PYTHONPATH": str(ROOT), "SCONTROL_LOG": str(self.log)}

    def submit(self, *words, restarts=0):
        """Begin the job's script, as a node's daemon does."""
        again = {"SLURM_RESTART_COUNT": str(restarts)} if restarts else {}
        with self.said.open("wb") as file:
            return subprocess.Popen(
                ["bash", ROOT / "cluster" / "slurm.sh", NERVE.name, *words],
                cwd=self.cwd,
                env={**os.environ, **self.environment, **JOB, **again},
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def warn(self, job):
        """Signal the job's step, as `#SBATCH --signal` has it, which spares the script itself."""
        os.kill(children(job)[0], signal.SIGUSR1)

    def wait(self, job):
        return job.wait(timeout=PATIENCE_S)


def test_a_slurm_job_that_is_warned_is_queued_again_and_goes_on_exactly(cwd, whole):
    slurm, folder, words = Slurm(cwd), run_dir(cwd, "slurm-4242"), words_in(cwd)
    job = slurm.submit(*words)
    wait_for(folder, "checkpoints/resume-*.ckpt", job)
    slurm.warn(job)
    assert slurm.wait(job) == 143, slurm.said.read_text()
    assert slurm.log.read_text() == "requeue 4242\n"
    assert not (folder / "checkpoints" / "last.ckpt").exists()
    assert slurm.wait(slurm.submit(*words, restarts=1)) == 0, slurm.said.read_text()
    assert not list(folder.glob("hpc_ckpt*"))
    assert_whole(folder, whole)
