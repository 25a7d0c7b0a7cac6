"""Tiny trainings on annotated phantom necks."""

import tempfile
from pathlib import Path

import torch
from torch import nn

from core.annotations import Annotator
from core.data import HoldoutSplit, NervePhantom
from core.data.annotated import AnnotatedData
from core.networks import Noise2NoiseUNet
from core.tasks import RestorationTask
from tests.core.tasks.spines import adam, train

_CACHE = tempfile.TemporaryDirectory()  # the same images in every test of a process


def network(**options):
    return Noise2NoiseUNet(widths=(2, 4, 4, 2), **options)


def task(**options):
    torch.manual_seed(0)
    return RestorationTask(
        **{"network": network(), "loss": nn.L1Loss(), "optimizer": adam, **options}
    )


def data(**options):
    return AnnotatedData(
        source=NervePhantom(subjects=5, frames=2, size=(40, 56), seed=1),
        split=HoldoutSplit(val=0.2, test=0.4),
        size=(32, 32),
        batch_size=2,
        cache_dir=Path(_CACHE.name),
        **{"annotate": Annotator(["radial_line", "flow_box"]), **options},
    )


def fitted(folder, make_task=task, *callbacks, **options):
    return train(folder, make_task, *callbacks, make_data=data, **options)
