"""Tiny trainings on the spine phantom, for tests of the tasks that restore before they segment."""

import tempfile
from pathlib import Path

import torch
from lightning.pytorch import Trainer, seed_everything
from torch import nn
from torch.optim import Adam
from torch.optim.lr_scheduler import CosineAnnealingLR

from core.callbacks import BestCheckpoint, ExactResume
from core.callbacks.exact_resume import PATTERN
from core.checkpoints import SafeCheckpointIO, newest_valid
from core.data import HoldoutSplit, SpinePhantom
from core.data.patches import PatchData, Patches
from core.losses import BinaryCrossEntropy, LeastSquares
from core.networks import Discriminator, RestoredSegmenter
from core.restoration import CycleAdversary, DualAdversary
from core.tasks import AdversarialTask

STRUCTURES = ("rib", "thoracic", "lumbar")
EPOCHS, BATCHES = 2, 4
_CACHE = tempfile.TemporaryDirectory()  # the same images in every test of a process


def network():
    """A restorer that starts as the identity, and a segmenter with dropout and batch norm."""
    denoiser = nn.Conv2d(1, 1, 3, padding=1)
    nn.init.zeros_(denoiser.weight)
    nn.init.zeros_(denoiser.bias)
    layers = (nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.Dropout(0.2))
    return RestoredSegmenter(denoiser, nn.Sequential(*layers, nn.Conv2d(4, 4, 1)), residual=True)


def judge():
    return Discriminator(widths=(4, 4), strides=(2, 2))


def dual(**options):
    judges = {"clean_discriminator": judge(), "corrupted_discriminator": judge()}
    return DualAdversary(**{**judges, "gan": BinaryCrossEntropy(), **options})


def cycle():
    return CycleAdversary(
        back=nn.Conv2d(1, 1, 3, padding=1),
        clean_discriminator=judge(),
        corrupted_discriminator=judge(),
        gan=LeastSquares(),
        pool_size=6,  # full after two batches, so that fakes are swapped
    )


def adam(parameters):
    return Adam(parameters, lr=0.01)


def task(make_adversary=dual, **options):
    return AdversarialTask(
        network=network(),
        adversary=make_adversary(),
        loss=nn.CrossEntropyLoss(),
        optimizer=adam,
        discriminator_optimizer=adam,
        scheduler=lambda optimizer: CosineAnnealingLR(optimizer, T_max=EPOCHS),
        structures=STRUCTURES,
        **options,
    )


def data(**options):
    given = {"pool": "corrupted", "unpaired": True, "per_epoch": 4 * BATCHES, "batch_size": 4}
    return PatchData(
        source=SpinePhantom(subjects=6, scale=0.1, seed=1),
        split=HoldoutSplit(val=0.16, test=0.16),
        size=(128, 32),
        patches=Patches(size=16, stride=8, clean_below=4.0, corrupted_above=6.0),
        cache_dir=Path(_CACHE.name),
        **{**given, **options},
    )


def train(folder, make_task=task, *callbacks, resume=False, every=1, epochs=EPOCHS, **options):
    """Train; `options` go to the data, those of `trainer` to the trainer."""
    given, make_data = options.pop("trainer", {}), options.pop("make_data", data)
    seed_everything(5)
    module, ours = make_data(**options), make_task()
    trainer = Trainer(
        **{"accelerator": "cpu", "devices": 1, **given},
        max_epochs=epochs,
        default_root_dir=folder,
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        use_distributed_sampler=False,
        plugins=[SafeCheckpointIO()],
        callbacks=[
            ExactResume(every_n_steps=every),
            BestCheckpoint(monitor="val/dice", mode="max"),
            *callbacks,
        ],
    )
    start = newest_valid(folder / "checkpoints", PATTERN) if resume else None
    trainer.fit(ours, datamodule=module, ckpt_path=start, weights_only=True)
    return trainer


def copied(module):
    """A module's parameters, as they are now."""
    return {name: value.detach().clone() for name, value in module.named_parameters()}


def moved(before, module):
    """Names of the parameters that are not what they were."""
    return {
        name for name, value in module.named_parameters() if not torch.equal(value, before[name])
    }
