"""A training that is cut off after any batch ends with the same bits as one that never was."""

import os
import signal

import pytest
import torch
from lightning.pytorch import Callback, Trainer, seed_everything
from torch import nn
from torch.optim import Adam
from torch.optim.lr_scheduler import StepLR

from core.callbacks import BestCheckpoint, ExactResume
from core.callbacks.exact_resume import PATTERN
from core.checkpoints import SafeCheckpointIO, newest_valid
from core.data import HoldoutSplit, NervePhantom
from core.data.module import ImageData
from core.layers import NoisyReLU
from core.losses import DiceLoss
from core.tasks import SegmentationTask
from tests.bits import end_of, same
from tests.cut import Cut, CutOffError

EPOCHS, BATCHES = 3, 4


@pytest.fixture(scope="module")
def source():
    return NervePhantom(subjects=6, frames=4, size=(40, 56), seed=3)


def network():
    return nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1),
        nn.BatchNorm2d(4),
        NoisyReLU(noise=0.1),
        nn.Dropout(0.2),
        nn.Conv2d(4, 1, 1),
    )


def train(folder, source, *callbacks, workers=0, accumulate=1, resume=False, every=1):
    import albumentations

    seed_everything(5)
    data = ImageData(
        source=source,
        split=HoldoutSplit(val=0.16, test=0.16),
        size=(32, 48),
        batch_size=4,
        augment=[
            albumentations.HorizontalFlip(p=0.5),
            albumentations.RandomBrightnessContrast(p=0.5),
        ],
        workers=workers,
        cache_dir=None,
        seed=5,
    )
    task = SegmentationTask(
        network=network(),
        loss=DiceLoss(),
        optimizer=lambda parameters: Adam(parameters, lr=0.01),
        scheduler=lambda optimizer: StepLR(optimizer, step_size=1, gamma=0.5),
    )
    trainer = Trainer(
        accelerator="cpu",
        max_epochs=EPOCHS,
        default_root_dir=folder,
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        accumulate_grad_batches=accumulate,
        use_distributed_sampler=False,
        plugins=[SafeCheckpointIO()],
        callbacks=[
            ExactResume(every_n_steps=every),
            BestCheckpoint(monitor="val/dice", mode="max"),
            *callbacks,
        ],
    )
    start = newest_valid(folder / "checkpoints", PATTERN) if resume else None
    trainer.fit(task, datamodule=data, ckpt_path=start, weights_only=True)
    return trainer


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory, source):
    folder = tmp_path_factory.mktemp("whole")
    train(folder, source)
    return end_of(folder)


def test_the_same_seed_trains_the_same_twice(tmp_path, source, uninterrupted):
    train(tmp_path, source)
    assert same(end_of(tmp_path), uninterrupted)


# The first batch's own checkpoint is the earliest to resume from; 4 and 8 are last batches of an epoch.
@pytest.mark.parametrize("after", range(2, EPOCHS * BATCHES + 1))
def test_cut_off_after_any_batch_and_resumed_ends_with_the_same_bits(
    tmp_path, source, uninterrupted, after
):
    with pytest.raises(CutOffError):
        train(tmp_path, source, Cut(after))
    train(tmp_path, source, resume=True)
    assert same(end_of(tmp_path), uninterrupted)


def test_cut_off_again_and_again(tmp_path, source, uninterrupted):
    for number, after in enumerate((3, 4, 6, 9, 11)):
        with pytest.raises(CutOffError):
            train(tmp_path, source, Cut(after), resume=number > 0)
    train(tmp_path, source, resume=True)
    assert same(end_of(tmp_path), uninterrupted)


@pytest.mark.slow
@pytest.mark.parametrize("after", [3, 4, 7])
def test_resumes_exactly_with_workers(tmp_path, source, uninterrupted, after):
    with pytest.raises(CutOffError):
        train(tmp_path, source, Cut(after), workers=2)
    train(tmp_path, source, resume=True, workers=2)
    assert same(end_of(tmp_path), uninterrupted)


def test_no_checkpoint_stands_on_an_epochs_last_batch(tmp_path, source):
    with pytest.raises(CutOffError):
        train(tmp_path, source, Cut(BATCHES * 2))
    steps = [int(path.stem.split("-")[1]) for path in (tmp_path / "checkpoints").glob(PATTERN)]
    assert steps
    assert not any(step % BATCHES == 0 for step in steps)


def test_no_checkpoint_stands_between_gathered_gradients_and_their_update(tmp_path, source):
    train(tmp_path, source, accumulate=2)
    steps = [int(path.stem.split("-")[1]) for path in (tmp_path / "checkpoints").glob(PATTERN)]
    assert steps
    assert all(step % 2 == 0 for step in steps)


def test_only_the_newest_are_kept(tmp_path, source):
    train(tmp_path, source)
    assert len(list((tmp_path / "checkpoints").glob(PATTERN))) == 3


@pytest.mark.filterwarnings("ignore:checkpoint")
def test_a_torn_newest_checkpoint_costs_batches_but_not_exactness(tmp_path, source, uninterrupted):
    with pytest.raises(CutOffError):
        train(tmp_path, source, Cut(7))
    newest = max((tmp_path / "checkpoints").glob(PATTERN))
    newest.write_bytes(newest.read_bytes()[:1000])
    train(tmp_path, source, resume=True)
    assert same(end_of(tmp_path), uninterrupted)


class SendSigterm(Callback):
    def __init__(self, during):
        self.during = during

    def on_train_batch_start(self, trainer, *_):
        if trainer.fit_loop.total_batch_idx + 1 == self.during:
            os.kill(os.getpid(), signal.SIGTERM)


@pytest.mark.filterwarnings("ignore:SIGTERM")
@pytest.mark.parametrize(("during", "saved"), [(2, 2), (6, 6), (BATCHES, BATCHES + 1)])
def test_sigterm_saves_after_the_next_safe_batch_and_exits_143(
    tmp_path, source, uninterrupted, during, saved
):
    with pytest.raises(SystemExit) as ended:
        train(tmp_path, source, SendSigterm(during), every=1000)
    assert ended.value.code == 143
    assert [path.stem for path in (tmp_path / "checkpoints").glob(PATTERN)] == [
        f"resume-{saved:08d}"
    ]
    train(tmp_path, source, resume=True, every=1000)
    assert same(end_of(tmp_path), uninterrupted)


@pytest.mark.filterwarnings("ignore:SIGTERM")
def test_sigterm_during_the_last_batch_saves_the_end_and_exits_143(tmp_path, source, uninterrupted):
    with pytest.raises(SystemExit) as ended:
        train(tmp_path, source, SendSigterm(EPOCHS * BATCHES))
    assert ended.value.code == 143
    assert same(end_of(tmp_path), uninterrupted)
    train(tmp_path, source, resume=True)
    assert same(end_of(tmp_path), uninterrupted)


def test_each_process_has_a_random_stream_of_its_own():
    from core.callbacks.exact_resume import _seed_streams

    drawn = []
    for rank in (0, 1, 0):
        torch.manual_seed(7)
        _seed_streams(rank)
        drawn.append(torch.rand(3))
    assert not torch.equal(drawn[0], drawn[1])
    assert torch.equal(drawn[0], drawn[2])
