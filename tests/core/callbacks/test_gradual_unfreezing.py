import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import torch
from lightning.pytorch import Callback, Trainer, seed_everything
from torch import nn
from torch.optim import Adam
from torch.optim.lr_scheduler import StepLR

from core.callbacks import BestCheckpoint, EpochLog, ExactResume, GradualUnfreezing
from core.callbacks.exact_resume import PATTERN
from core.checkpoints import SafeCheckpointIO, newest_valid
from core.checks import InputError
from core.data import HoldoutSplit, NervePhantom
from core.data.module import ImageData
from core.losses import DiceLoss
from core.tasks import SegmentationTask
from tests.bits import end_of, same
from tests.cut import Cut, CutOffError

STAGES, BATCHES = 3, 2


class Staged(nn.Sequential):
    """A head behind two blocks of convolution and batch normalisation."""

    def __init__(self):
        blocks = [nn.Sequential(nn.Conv2d(c, 3, 3, padding=1), nn.BatchNorm2d(3)) for c in (1, 3)]
        super().__init__(*blocks, nn.Conv2d(3, 1, 1))

    def stages(self):
        first, second, head = self
        return {"head": [head], "block 2": [second], "input": [first]}


class Scripted(SegmentationTask):
    """Its validation losses are given."""

    losses = ()

    def log_all(self, stage, values):
        super().log_all(stage, {**values, "loss": torch.tensor(self.losses[self.current_epoch])})


class Watch(Callback):
    """Notes the weights and statistics at both ends of each epoch, and how the optimiser is."""

    def __init__(self):
        self.starts, self.ends, self.rates, self.steps = [], [], [], []

    def on_train_epoch_start(self, trainer, task):
        self.starts.append(copied(task))
        self.rates.append(trainer.optimizers[0].param_groups[0]["lr"])

    def on_validation_end(self, trainer, task):
        self.ends.append(copied(task))
        self.steps.append(max(float(s["step"]) for s in trainer.optimizers[0].state.values()))

    def changed(self):
        """Parts of the network, by number, that changed in each epoch."""
        epochs = zip(self.starts, self.ends, strict=True)
        return [{n[0] for n in a if not torch.equal(a[n], b[n])} for a, b in epochs]


def copied(task):
    return {name: tensor.clone() for name, tensor in task.network.state_dict().items()}


@pytest.fixture(scope="module")
def source():
    return NervePhantom(subjects=4, frames=3, size=(40, 56), seed=3)


def make_task(kind=SegmentationTask, scheduler=None, network=None):
    return kind(
        network=network or Staged(),
        loss=DiceLoss(),
        optimizer=lambda parameters: Adam(parameters, lr=0.01),
        scheduler=scheduler,
    )


def make_data(source):
    split = HoldoutSplit(val=0.25, test=0.25)
    return ImageData(
        source=source, split=split, size=(16, 24), batch_size=3, cache_dir=None, seed=5
    )


def train(folder, source, *callbacks, task=None, resume=False, epochs=99):
    seed_everything(5)
    trainer = Trainer(
        accelerator="cpu",
        max_epochs=epochs,
        default_root_dir=folder,
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        use_distributed_sampler=False,
        plugins=[SafeCheckpointIO()],
        callbacks=[
            ExactResume(every_n_steps=1),
            BestCheckpoint(monitor="val/dice", mode="max"),
            EpochLog(),
            *callbacks,
        ],
    )
    start = newest_valid(folder / "checkpoints", PATTERN) if resume else None
    task = task or make_task()
    trainer.fit(task, datamodule=make_data(source), ckpt_path=start, weights_only=True)
    return trainer


def watched(folder, source, losses=None, **options):
    """Train; return the trainer and what a watch noted."""
    watch, task = Watch(), make_task(Scripted if losses else SegmentationTask)
    task.losses = losses
    unfreezing = GradualUnfreezing(**{"epochs": 2, **options})
    return train(folder, source, watch, unfreezing, task=task), watch


def opened(trainer):
    """Stages opened in each epoch, from the run's table."""
    return pd.read_csv(f"{trainer.default_root_dir}/metrics.csv")["unfreeze/opened"].tolist()


def test_each_iteration_opens_one_more_stage_and_the_training_ends_with_the_last(tmp_path, source):
    trainer, _ = watched(tmp_path, source)
    assert opened(trainer) == [1, 1, 2, 2, 3, 3]
    assert trainer.current_epoch == 6


def test_only_what_is_opened_changes_and_frozen_statistics_neither(tmp_path, source):
    _, watch = watched(tmp_path, source)
    assert watch.changed() == [{"2"}] * 2 + [{"1", "2"}] * 2 + [{"0", "1", "2"}] * 2


def test_the_head_has_a_learning_rate_of_its_own(tmp_path, source):
    _, watch = watched(tmp_path, source, head_factor=10)
    assert watch.rates == pytest.approx([0.1] * 2 + [0.01] * 4)


def test_each_iteration_starts_with_a_fresh_optimiser(tmp_path, source):
    _, watch = watched(tmp_path, source)
    assert watch.steps == [BATCHES, 2 * BATCHES] * STAGES


def test_only_the_head_is_ever_trained_where_that_is_wanted(tmp_path, source):
    trainer, watch = watched(tmp_path, source, head_only=True)
    assert opened(trainer) == [1, 1]
    assert watch.changed() == [{"2"}] * 2


def test_an_iteration_ends_when_patience_does_and_the_next_forgets_its_best(tmp_path, source):
    losses = [3.0, 2, 2.5, 2, 9, 8, 9, 9, 7, 6, 5, 4, 3, 2]  # as good as the best is not better
    trainer, _ = watched(tmp_path, source, losses, epochs=5, patience=2)
    assert opened(trainer) == [1] * 4 + [2] * 4 + [3] * 5


def test_the_next_iteration_starts_from_the_best_weights(tmp_path, source):
    losses = [5, 1, 3, 9, 8, 7, 6, 5, 4]
    _, watch = watched(tmp_path, source, losses, epochs=3, restore_best=True)
    assert same(watch.starts[3], watch.ends[1])
    assert not same(watch.starts[3], watch.ends[2])
    assert same(watch.starts[6], watch.ends[5])


def test_the_next_iteration_starts_from_the_last_weights_otherwise(tmp_path, source):
    _, watch = watched(tmp_path, source, [5, 1, 3, 9, 8, 7, 6, 5, 4], epochs=3)
    assert same(watch.starts[3], watch.ends[2])


def test_epochs_that_do_not_suffice_are_warned_of(tmp_path, source):
    with pytest.warns(UserWarning, match="max_epochs 5 may end the training .* takes up to 6"):
        train(tmp_path, source, GradualUnfreezing(epochs=2), epochs=5)


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory, source):
    folder = tmp_path_factory.mktemp("whole")
    train(folder, source, *unfreezing())
    return end_of(folder)


def unfreezing():
    return [GradualUnfreezing(head_factor=5, epochs=3, patience=2, restore_best=True)]


@pytest.mark.parametrize("after", range(2, 15))
def test_cut_off_after_any_batch_and_resumed_ends_with_the_same_bits(
    tmp_path, source, uninterrupted, after
):
    with pytest.raises(CutOffError):
        train(tmp_path, source, *unfreezing(), Cut(after))
    train(tmp_path, source, *unfreezing(), resume=True)
    assert same(end_of(tmp_path), uninterrupted)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"head_factor": 0}, "head_factor: expected a positive number, got 0"),
        ({"epochs": 0}, "epochs: expected a positive number, got 0"),
        ({"patience": 0}, "patience: expected a positive number, got 0"),
    ],
)
def test_numbers_out_of_range_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        GradualUnfreezing(**options)


def test_a_network_without_stages_is_refused(tmp_path, source):
    task = make_task(network=nn.Conv2d(1, 1, 1))
    with pytest.raises(
        InputError, match="model.network: expected one with stages to open, got Conv2d"
    ):
        train(tmp_path, source, GradualUnfreezing(), task=task)


def test_a_scheduler_beside_it_is_refused(tmp_path, source):
    task = make_task(scheduler=lambda optimizer: StepLR(optimizer, step_size=1))
    with pytest.raises(InputError, match="model.scheduler: expected none"):
        train(tmp_path, source, GradualUnfreezing(), task=task)


def test_a_metric_that_is_not_logged_is_refused(tmp_path, source):
    unfreezing = GradualUnfreezing(patience=1, monitor="val/los")
    with pytest.raises(InputError, match="monitor: expected one of .*val/loss.*, got val/los"):
        train(tmp_path, source, unfreezing)


DDP = """
import sys
from pathlib import Path
from lightning.pytorch import Trainer
from core.callbacks import GradualUnfreezing
from core.data import NervePhantom
from tests.core.callbacks.test_gradual_unfreezing import Watch, make_data, make_task
watch = Watch()
trainer = Trainer(accelerator="cpu", devices=2, strategy="ddp", logger=False,
    enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False,
    num_sanity_val_steps=0, use_distributed_sampler=False,
    callbacks=[watch, GradualUnfreezing(epochs=1)])
source = NervePhantom(subjects=4, frames=3, size=(40, 56), seed=3)
trainer.fit(make_task(), datamodule=make_data(source))
if trainer.global_rank == 0:
    print("changed", [sorted(parts) for parts in watch.changed()])
"""


@pytest.mark.slow
def test_two_processes_train_the_same_stages(tmp_path):
    script = tmp_path / "ddp.py"
    script.write_text(DDP)
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, script],
        cwd=root,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(root), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert "changed [['2'], ['1', '2'], ['0', '1', '2']]" in done.stdout
