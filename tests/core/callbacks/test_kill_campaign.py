"""A training killed twenty times, at random moments, ends with the same bits as one left alone."""

import os
import random
import signal
import subprocess
import sys
import time

import pandas as pd
import pytest

from tests.bits import end_of, same
from tests.fakes import NERVE, TINY_NERVE, write_overlay

KILLS, LONGEST_LIFE_S = 20, 3.0
TRAINING = [
    *TINY_NERVE,
    "--data.source.subjects=10",
    "--data.source.frames=4",
    "--data.source.size=[40,56]",
    "--trainer.max_epochs=100",
]
PATIENCE_S = 300


def start(cwd, *words):
    """Begin a fit as a user's process group; what it says goes to a file."""
    said = cwd / "said.txt"
    command = [sys.executable, "-m", f"projects.{NERVE.name}", "fit", *words]
    with said.open("wb") as file:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env={**os.environ, "PYTHONPATH": str(NERVE.parents[1])},
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return process, said


def wait_for_training(process, said):
    """Return once the first epoch of this life has begun."""
    deadline = time.monotonic() + PATIENCE_S
    while b"Epoch" not in said.read_bytes():
        assert process.poll() is None, said.read_text()
        assert time.monotonic() < deadline
        time.sleep(0.02)


def kill(process):
    """Kill the whole group at once; tell whether it was still alive."""
    alive = process.poll() is None
    if alive:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return alive


def finish(cwd, *words):
    process, said = start(cwd, *words)
    assert process.wait(timeout=PATIENCE_S) == 0, said.read_text()


@pytest.mark.slow
def test_twenty_random_kills_change_no_bit(cwd):
    overlay = write_overlay(cwd / "often.yaml", save_every=3)
    new = ["--config", str(overlay), *TRAINING]
    runs = cwd / "runs" / NERVE.name
    finish(cwd, "--run", "whole", *new)
    moments, kills, first_lives = random.Random(0), 0, 0
    while kills < KILLS:
        if not any((runs / f"killed{first_lives}").glob("checkpoints/resume-*.ckpt")):
            first_lives += 1  # killed before its first checkpoint: begun anew, as a user would
            words = ["--run", f"killed{first_lives}", *new]
        else:
            words = ["--resume", f"killed{first_lives}"]
        process, said = start(cwd, *words)
        wait_for_training(process, said)
        time.sleep(moments.uniform(0, LONGEST_LIFE_S))
        assert kill(process), "the training is too short for this many kills"
        kills += 1
    killed = f"killed{first_lives}"
    finish(cwd, "--resume", killed)
    assert same(end_of(runs / killed), end_of(runs / "whole"))
    curves = [pd.read_csv(runs / name / "metrics.csv") for name in (killed, "whole")]
    pd.testing.assert_frame_equal(
        *(curve.drop(columns="seconds") for curve in curves), check_exact=True
    )
    assert (runs / killed / "per_image.csv").read_bytes() == (
        runs / "whole" / "per_image.csv"
    ).read_bytes()


@pytest.mark.slow
def test_sigterm_ends_a_run_with_143_and_it_goes_on(cwd):
    new = ["--config", str(write_overlay(cwd / "often.yaml", save_every=1000)), *TRAINING]
    process, said = start(cwd, "--run", "ended", *new)
    wait_for_training(process, said)
    time.sleep(1)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=PATIENCE_S) == 143
    assert "go on with --resume" in said.read_text()
    assert len(list(cwd.glob("runs/*/ended/checkpoints/resume-*.ckpt"))) == 1
    finish(cwd, "--resume", "ended", "--trainer.max_epochs=5")
    assert (cwd / "runs" / NERVE.name / "ended" / "report.html").is_file()
