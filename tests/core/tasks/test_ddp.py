"""Two processes give what one gives, and leave one run; started as users start them."""

import json
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from tests.bits import end_of, same
from tests.fakes import NERVE, TINY_NERVE, TINY_PHANTOM, write_overlay

TWO = ["--trainer.accelerator=cpu", "--trainer.devices=2", "--trainer.strategy=ddp"]
NINE_TEST_IMAGES = ["--data.split.test=0.6", "--data.batch_size=2", "--trainer.logger=false"]
GROUPED = "--data.group_by=[frame]"  # groups that not every process sees

pytestmark = pytest.mark.slow


@pytest.fixture
def two(cwd):
    """Run a command on two processes; return the run folder."""

    def run(*words, name):
        command = [sys.executable, "-m", f"projects.{NERVE.name}", *map(str, words), *TWO]
        done = subprocess.run(
            command,
            cwd=cwd,
            env={**os.environ, "PYTHONPATH": str(NERVE.parents[1])},
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return cwd / "runs" / NERVE.name / name

    return run


def metrics_of(run_dir):
    return json.loads((run_dir / "summary.json").read_text())["metrics"]


def test_two_processes_measure_what_one_does(command, two, trained):
    """Nine images: five and four for the processes, and last batches of one."""
    words = ["test", "--ckpt", trained / "checkpoints" / "best.ckpt", *NINE_TEST_IMAGES, GROUPED]
    assert command(*words, "--run", "one").code == 0
    both = two(*words, "--run", "both", name="both")
    alone = both.with_name("one")
    assert metrics_of(alone)["test/images"] == 9
    assert metrics_of(both) == pytest.approx(metrics_of(alone), abs=1e-6, nan_ok=True)
    pd.testing.assert_frame_equal(
        *(pd.read_csv(run_dir / "per_image.csv") for run_dir in (both, alone)), atol=1e-6, rtol=0
    )
    curves = [pd.read_csv(run / "roc.csv").groupby("group")["auc"].first() for run in (both, alone)]
    assert len(curves[1]) == 4  # all images, and three groups
    pd.testing.assert_series_equal(*curves, atol=1e-6, rtol=0)
    for path in (alone / "predictions").glob("*.png"):
        masks = (np.asarray(Image.open(run / "predictions" / path.name)) for run in (both, alone))
        np.testing.assert_array_equal(*masks)


def test_two_processes_train_into_one_run_and_resume_exactly(cwd, two):
    overlay = write_overlay(cwd / "often.yaml", save_every=2)
    words = ["--config", overlay, *TINY_NERVE, *TINY_PHANTOM, "--data.batch_size=2"]
    whole = two("fit", "--run", "whole", *words, "--trainer.max_epochs=2", name="whole")
    part = two("fit", "--run", "part", *words, name="part")
    two("fit", "--resume", "part", "--trainer.max_epochs=2", name="part")
    assert sorted(path.name for path in whole.parent.iterdir()) == ["part", "whole"]
    assert same(end_of(part), end_of(whole))
    content = torch.load(part / "checkpoints" / "last.ckpt", weights_only=True)
    ranks = next(s for name, s in content["callbacks"].items() if "ExactResume" in name)["ranks"]
    assert len(ranks) == 2
    assert not torch.equal(*(rank["streams"]["torch"] for rank in ranks))
    assert (part / "report.html").is_file()
    assert pd.read_csv(part / "metrics.csv")["epoch"].tolist() == [0, 1]
    tested, split = (pd.read_csv(part / name) for name in ("per_image.csv", "split.csv"))
    assert tested["index"].tolist() == split[split["stage"] == "test"]["index"].tolist()
    assert json.loads((part / "summary.json").read_text())["device"]["count"] == 2


def test_two_processes_move_both_players_as_one_does(tmp_path):
    """Two batches of two are one of four, and both processes end with the same weights."""
    root = NERVE.parents[1]
    for name, processes, batch in (("one", 1, 4), ("two", 2, 2)):
        command = [sys.executable, "-m", "tests.core.tasks.train_spines", tmp_path / name]
        done = subprocess.run(
            [*map(str, command), str(processes), str(batch)],
            cwd=root,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr[-3000:]
    alone = torch.load(tmp_path / "one" / "weights-0.pt", weights_only=True)
    first, second = (
        torch.load(tmp_path / "two" / f"weights-{rank}.pt", weights_only=True) for rank in (0, 1)
    )
    assert alone.keys() == first.keys()
    for name, value in first.items():
        assert torch.equal(value, second[name]), name
        torch.testing.assert_close(value, alone[name], rtol=1e-4, atol=1e-6)
