"""Kills at random moments: a matrix that was cut off again and again ends as one that never was."""

import json
import os
import random
import shutil
import signal
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from core.experiments.launch import Task, is_done
from core.experiments.launch.client import PRELOAD
from tests.core.experiments.launch.conftest import until
from tests.fakes import TINY_NERVE, TINY_PHANTOM, write_overlay

KILLS = int(os.environ.get("SONOLAB_KILLS", "3"))
NOISES = (0.0, 0.05, 0.1, 0.2)


@pytest.fixture
def matrix(tmp_path, monkeypatch):
    """Four tiny trainings of 18 steps each, which save every two."""
    monkeypatch.chdir(tmp_path)
    write_overlay(tmp_path / "often.yaml", save_every=2)
    options = [*TINY_NERVE, *TINY_PHANTOM, "--trainer.max_epochs=6", "--config=often.yaml"]
    runs = Path("runs/nerve_noisy_act")
    return [
        Task(
            project="nerve_noisy_act",
            name=f"noise={noise}",
            words=["fit", "--run", f"cell-{noise}", f"--model.network.act.noise={noise}", *options],
            run_dir=runs / f"cell-{noise}",
        )
        for noise in NOISES
    ]


def results(matrix):
    """All that was measured, without times."""
    found = {}
    for task in matrix:
        epochs = pd.read_csv(task.run_dir / "metrics.csv")
        timeless = [name for name in epochs if "second" not in name and "time" not in name]
        found[task.name] = (
            json.loads((task.run_dir / "summary.json").read_text())["metrics"],
            (task.run_dir / "per_image.csv").read_text(),
            epochs[timeless].to_csv(),
        )
    return found


def begin(launcher, matrix):
    """Launch, and wait until a cell writes into its log."""

    def written():
        logs = [task.run_dir / "log.txt" for task in matrix]
        return [path.stat().st_size if path.is_file() else 0 for path in logs]

    before, process = written(), launcher(matrix, preload=PRELOAD)
    until(lambda: written() != before or process.poll() is not None)
    return process


@pytest.mark.slow
def test_a_matrix_killed_at_random_moments_ends_as_one_that_was_not(matrix, launcher):
    process = begin(launcher, matrix)
    began = time.monotonic()
    assert process.wait() == 0, process.stdout.read()
    span, wanted = time.monotonic() - began, results(matrix)
    sys.stdout.write(f"uninterrupted: {span:.0f} s\n")
    shutil.rmtree("runs")
    moments = random.Random(7)
    for kill in range(KILLS):
        if all(is_done(task.run_dir) for task in matrix):
            assert results(matrix) == wanted
            shutil.rmtree("runs")
        process = begin(launcher, matrix)
        time.sleep(moments.uniform(0, span / 3))
        whom = moments.choice((os.kill, os.killpg))
        whom(process.pid, signal.SIGKILL)
        process.wait()
        done = sum(is_done(task.run_dir) for task in matrix)
        sys.stdout.write(f"{kill + 1}: {whom.__name__}, {done} of {len(matrix)} done\n")
        sys.stdout.flush()
    last = launcher(matrix, preload=PRELOAD)
    assert last.wait() == 0, last.stdout.read()
    assert results(matrix) == wanted
