import math

import pytest
import torch

from core.callbacks import FiniteGuard
from core.checks import RunError


@pytest.fixture
def train(tiny, make_trainer, run_dir):
    """Train the tiny task whose loss is multiplied by a number from some step on."""

    def run(factor, at=3, **options):
        class Task(tiny.Task):
            def training_step(self, batch, batch_idx):
                loss = super().training_step(batch, batch_idx)
                return loss * factor if self.global_step >= at else loss

        task = Task()
        make_trainer(FiniteGuard(), **options).fit(task, datamodule=tiny.Data())
        return task

    return run


class Overflow(torch.autograd.Function):
    """A finite value whose gradient is not."""

    @staticmethod
    def forward(ctx, x):
        return x.clone()

    @staticmethod
    def backward(ctx, gradient):
        return gradient * math.inf


@pytest.mark.parametrize("factor", [math.nan, math.inf])
def test_a_loss_that_is_not_finite_ends_the_run(train, factor, run_dir):
    with pytest.raises(RunError) as stopped:
        train(factor)
    assert str(stopped.value) == (
        f"stopped before the update: the loss is {factor} at epoch 1, step 3, images [5, 6] of the"
        f" source; checkpoints in {run_dir} are as they were"
    )


def test_a_gradient_that_is_not_finite_ends_the_run(tiny, make_trainer):
    class Task(tiny.Task):
        def training_step(self, batch, batch_idx):
            return Overflow.apply(super().training_step(batch, batch_idx))

    with pytest.raises(RunError, match="a gradient is not finite at epoch 0, step 0"):
        make_trainer(FiniteGuard()).fit(Task(), datamodule=tiny.Data())


def test_the_weights_are_those_before_the_step(tiny, make_trainer):
    task = tiny.Task()
    start = task.network.weight.detach().clone()
    task.training_step = lambda batch, batch_idx: task.network.weight.sum() * math.nan
    with pytest.raises(RunError):
        make_trainer(FiniteGuard()).fit(task, datamodule=tiny.Data())
    assert torch.equal(task.network.weight, start)


def test_a_finite_training_runs_to_its_end(train):
    assert train(1.0).trainer.global_step == 6
