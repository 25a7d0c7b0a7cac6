"""Commands as users give them, from the words to what is left in the run folder."""

import json
import math
import shutil

import pandas as pd
import pytest
import torch
import yaml

from core.tasks import SegmentationTask
from tests.fakes import NERVE


def metrics_of(run_dir):
    return json.loads((run_dir / "summary.json").read_text())["metrics"]


def content_of(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def runs(cwd):
    return sorted(path.name for path in (cwd / "runs" / NERVE.name).glob("*"))


@pytest.fixture
def alone(trained, cwd):
    """A checkpoint away from its run: no config.yaml, no digest beside it."""
    return shutil.copy(trained / "checkpoints" / "best.ckpt", cwd / "alone.ckpt")


def test_values_on_the_command_line_win_over_stored_ones_and_are_shown(command, cwd, first):
    done = command("test", "--ckpt", "first", "--run", "new", "--model.threshold=0.7")
    assert done.code == 0
    assert "model.threshold: 0.5 -> 0.7" in done.out
    config = yaml.safe_load((cwd / "runs" / NERVE.name / "new" / "config.yaml").read_text())
    assert config["model"]["init_args"]["threshold"] == 0.7
    assert config["model"]["init_args"]["network"]["init_args"]["widths"] == [16] * 5


def test_nothing_is_said_to_differ_where_nothing_does(command, first):
    assert "these win" not in command("test", "--ckpt", "first").out


def test_test_measures_what_the_training_measured_at_its_end(command, cwd, first):
    assert command("test", "--ckpt", "first", "--run", "again").code == 0
    again = cwd / "runs" / NERVE.name / "again"
    assert metrics_of(again) == pytest.approx(metrics_of(first), nan_ok=True)
    assert (again / "per_image.csv").read_bytes() == (first / "per_image.csv").read_bytes()


def test_a_checkpoint_alone_is_enough_to_test(command, cwd, alone, trained):
    assert command("test", "--ckpt", alone, "--run", "new").code == 0
    new = metrics_of(cwd / "runs" / NERVE.name / "new")
    assert new == pytest.approx(metrics_of(trained), nan_ok=True)


def test_a_checkpoint_alone_is_enough_to_validate(command, alone, trained):
    done = command("validate", "--ckpt", alone)
    assert done.code == 0
    shown = dict(line.split() for line in done.out.splitlines() if line.startswith("val/"))
    best = pd.read_csv(trained / "metrics.csv")["val/dice"].max()
    assert float(shown["val/dice"]) == pytest.approx(best, abs=1e-4)


def test_a_checkpoint_alone_is_enough_to_predict(command, cwd, alone, kaggle):
    done = command("predict", "--ckpt", alone, "--input", kaggle, "--output", cwd / "out")
    assert done.code == 0
    table = pd.read_csv(cwd / "out" / "predictions.csv")
    assert sorted(table["id"]) == sorted(path.name for path in kaggle.glob("*.tif"))
    assert {path.name for path in (cwd / "out" / "masks").iterdir()} == {
        name.replace(".tif", ".png") for name in table["id"]
    }


def test_a_model_of_selected_groups_predicts_on_a_folder_that_has_none(fit, command, cwd, kaggle):
    fitted, _ = fit("grouped", "--data.group_by=[frame]", "--data.select.frame=[1,2]")
    assert fitted.code == 0, fitted.err
    done = command("predict", "--ckpt", "grouped", "--input", kaggle, "--output", cwd / "out")
    assert done.code == 0, done.err
    assert len(pd.read_csv(cwd / "out" / "predictions.csv")) == len(list(kaggle.glob("*.tif")))


@pytest.mark.parametrize("stage", ["validate", "predict"])
def test_what_leaves_no_run_makes_no_run_folder(command, cwd, alone, kaggle, stage):
    more = ["--input", kaggle, "--output", cwd / "out"] if stage == "predict" else []
    assert command(stage, "--ckpt", alone, *more).code == 0
    assert runs(cwd) == []


def test_test_without_a_checkpoint_is_refused(command, cwd):
    done = command("test")
    assert done.code == 2
    assert done.err == (
        "error: --ckpt: expected a checkpoint or run folder;"
        " --allow_untrained measures random weights\n"
    )
    assert runs(cwd) == []


def test_resume_goes_on_in_the_same_folder(command, cwd, first):
    before = pd.read_csv(first / "metrics.csv")
    done = command("fit", "--resume", "first", "--trainer.max_epochs=3")
    assert done.code == 0
    assert "trainer.max_epochs: 2 -> 3" in done.out
    after = pd.read_csv(first / "metrics.csv")
    assert after["epoch"].tolist() == [0, 1, 2]
    columns = ["epoch", "step", "train/loss", "val/loss", "val/dice"]
    pd.testing.assert_frame_equal(after[columns][:2], before[columns])
    assert runs(cwd) == ["first"]


def test_resume_without_a_name_takes_the_newest_run(command, cwd, first):
    shutil.copytree(first, first.with_name("older"))
    for path in first.with_name("older").rglob("*.ckpt"):
        path.touch()
    (first / "checkpoints" / "resume-00000004.ckpt").touch()
    done = command("fit", "--resume", "--trainer.max_epochs=3")
    assert done.code == 0
    assert json.loads((first / "summary.json").read_text())["epochs"] == 3


@pytest.mark.parametrize(
    "option", ["--model.optimizer.lr=0.1", "--model.optimizer=torch.optim.SGD"]
)
def test_a_resumed_optimiser_keeps_its_numbers_and_says_so(command, first, option):
    before = content_of(first)
    done = command("fit", "--resume", "first", option)
    assert done.code == 2
    assert len(done.errors) == 1
    assert "model.optimizer" in done.errors[0]
    assert "--finetune" in done.errors[0]
    assert content_of(first) == before


def test_finetune_starts_a_new_run_from_the_weights(fit, first):
    before = content_of(first)
    done, run_dir = fit("tuned", "--finetune", first / "checkpoints" / "best.ckpt")
    assert done.code == 0
    assert "weights: " in done.out
    assert pd.read_csv(run_dir / "metrics.csv")["epoch"].tolist() == [0]
    assert content_of(first) == before


def test_a_taken_name_is_refused_and_its_run_left_alone(fit, first):
    before = content_of(first)
    done, _ = fit("first")
    assert done.code == 2
    assert done.errors == [
        "error: --run: expected a new name, or --resume first to go on, got first"
    ]
    assert content_of(first) == before


@pytest.mark.parametrize(
    ("option", "line"),
    [
        (
            "--trainer.max_epoch=3",
            "error: --trainer.max_epoch: no such option, did you mean 'trainer.max_epochs'?",
        ),
        (
            "--model.network.dropuot=0.1",
            "error: --model.network.dropuot: no such option, did you mean 'model.network.dropout'?",
        ),
        (
            "--data.batchsize=3",
            "error: --data.batchsize: no such option, did you mean 'data.batch_size'?",
        ),
    ],
)
def test_a_misspelt_key_is_one_line_with_the_nearest_key(command, cwd, option, line):
    done = command("fit", "--run", "wrong", option)
    assert done.code == 2
    assert done.err == f"{line}\n"
    assert done.out == ""
    assert runs(cwd) == []


def test_a_value_out_of_range_is_one_line_with_its_key(command):
    done = command("fit", "--model.threshold=7")
    assert done.code == 2
    assert done.err == ("error: model.threshold: expected a probability between 0 and 1, got 7.0\n")


def test_a_value_that_another_library_refuses_is_one_line(command):
    convolution = ["in_channels=1", "out_channels=1", "kernel_size=3", "padding=odd"]
    options = [f"--model.network.{option}" for option in convolution]
    done = command("fit", "--model.network=torch.nn.Conv2d", *options)
    assert done.code == 2
    assert done.err.startswith("error: Invalid padding string 'odd', should be one of")
    assert done.err.count("\n") == 1


def test_a_device_that_is_not_there_is_one_line(command, cwd, monkeypatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    done = command("fit", "--trainer.accelerator=gpu")
    assert done.code == 2
    assert len(done.err.splitlines()) == 1
    assert done.err.startswith("error: trainer: ")
    assert runs(cwd) == []


def test_a_name_is_free_again_after_a_run_that_never_began(fit):
    assert fit("mine", "--trainer.max_epoch=1")[0].code == 2
    assert fit("mine")[0].code == 0


def test_two_runs_of_one_process_have_folders_of_their_own(command, cwd, alone):
    for _ in range(2):
        assert command("test", "--ckpt", alone).code == 0
    assert len(runs(cwd)) == 2


def test_a_learning_rate_that_explodes_ends_the_run_in_one_line(fit):
    done, run_dir = fit("exploded", "--model.optimizer.lr=1e37")
    assert done.code == 1
    assert len(done.errors) == 1
    assert "stopped before the update" in done.errors[0]
    assert "Traceback" not in done.err
    assert not list((run_dir / "checkpoints").glob("*.ckpt"))


def test_a_nan_reaches_no_checkpoint_and_the_run_goes_on_afterwards(command, first, monkeypatch):
    before = content_of(first / "checkpoints")
    step = SegmentationTask.training_step

    def broken(self, batch, batch_idx):
        return step(self, batch, batch_idx) * (math.nan if self.global_step == 5 else 1)

    with monkeypatch.context() as patch:
        patch.setattr(SegmentationTask, "training_step", broken)
        done = command("fit", "--resume", "first")
    assert done.code == 1
    assert done.errors[0].startswith(
        "error: stopped before the update: the loss is nan at epoch 1, step 5, images ["
    )
    assert content_of(first / "checkpoints") == before
    assert command("fit", "--resume", "first").code == 0
