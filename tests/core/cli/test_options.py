"""Options of trainer and task that change how a step is computed, from the command line."""

import json
import math

import pytest
import torch


def last(run_dir):
    return torch.load(run_dir / "checkpoints" / "last.ckpt", weights_only=True)


def finite_dice(run_dir):
    return math.isfinite(json.loads((run_dir / "summary.json").read_text())["metrics"]["test/dice"])


def test_gradients_of_several_batches_make_one_update(fit):
    done, run_dir = fit("accumulated", "--trainer.accumulate_grad_batches=3")
    assert done.code == 0, done.err
    assert last(run_dir)["global_step"] == 1


def test_trains_in_half_precision_and_keeps_full_weights(fit):
    done, run_dir = fit("half", "--trainer.precision=bf16-mixed")
    assert done.code == 0, done.err
    weights = last(run_dir)["state_dict"].values()
    assert {weight.dtype for weight in weights if weight.is_floating_point()} == {torch.float32}
    assert finite_dice(run_dir)


@pytest.mark.slow
def test_trains_compiled_and_its_checkpoint_fits_the_plain_network(fit, command):
    done, run_dir = fit("compiled", "--model.compile=true")
    assert done.code == 0, done.err
    done = command("test", "--ckpt", "compiled", "--run", "plain", "--model.compile=false")
    assert done.code == 0, done.err
    plain, compiled = (
        json.loads((run_dir.with_name(name) / "summary.json").read_text())["metrics"]
        for name in ("plain", "compiled")
    )
    assert plain == pytest.approx(compiled, abs=1e-4, nan_ok=True)
