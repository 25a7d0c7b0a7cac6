"""Options of trainer and task that change how a step is computed, from the command line."""

import json
import math

import pytest
import torch

from tests.fakes import NERVE, TINY_NERVE, TINY_PHANTOM


def last(run_dir):
    return torch.load(run_dir / "checkpoints" / "last.ckpt", weights_only=True)


def metrics_of(run_dir):
    return json.loads((run_dir / "summary.json").read_text())["metrics"]


def test_gradients_of_several_batches_make_one_update(fit):
    done, run_dir = fit("accumulated", "--trainer.accumulate_grad_batches=3")
    assert done.code == 0, done.err
    assert last(run_dir)["global_step"] == 1


def test_one_batch_is_one_and_not_the_whole_of_them(fit):
    done, run_dir = fit("one", "--trainer.limit_train_batches=1")
    assert done.code == 0, done.err
    assert last(run_dir)["global_step"] == 1


def test_a_part_of_the_batches_may_be_named_too(fit):
    done, run_dir = fit("all", "--trainer.limit_train_batches=1.0")
    assert done.code == 0, done.err
    assert last(run_dir)["global_step"] == 3


def test_trains_in_half_precision_and_keeps_full_weights(fit):
    done, run_dir = fit("half", "--trainer.precision=bf16-mixed")
    assert done.code == 0, done.err
    weights = last(run_dir)["state_dict"].values()
    assert {weight.dtype for weight in weights if weight.is_floating_point()} == {torch.float32}
    assert math.isfinite(metrics_of(run_dir)["test/dice"])


CONVOLUTION = [
    "--model.network=torch.nn.Conv2d",
    "--model.network.in_channels=1",
    "--model.network.out_channels=1",
    "--model.network.kernel_size=3",
    "--model.network.padding=same",
    "--model.loss=core.losses.DiceLoss",
]


@pytest.fixture
def fit_convolution(command, cwd):
    """Train one convolution, which compiles in seconds."""
    tiny = [option for option in TINY_NERVE if not option.startswith("--model")]

    def run(name, *options):
        done = command("fit", "--run", name, *tiny, *TINY_PHANTOM, *CONVOLUTION, *options)
        assert done.code == 0, done.err
        return cwd / "runs" / NERVE.name / name

    return run


def test_another_network_and_loss_are_chosen_on_the_command_line(fit_convolution):
    assert last(fit_convolution("plain"))["state_dict"].keys() == {"network.weight", "network.bias"}


@pytest.mark.slow
def test_trains_compiled_and_its_checkpoint_fits_the_plain_network(fit_convolution, command):
    compiled = fit_convolution("compiled", "--model.compile=true")
    done = command("test", "--ckpt", "compiled", "--run", "plain", "--model.compile=false")
    assert done.code == 0, done.err
    assert "model.compile: True -> False" in done.out
    plain = metrics_of(compiled.with_name("plain"))
    assert plain == pytest.approx(metrics_of(compiled), abs=1e-4, nan_ok=True)
