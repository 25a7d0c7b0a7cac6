"""Batch-norm statistics measured as they will be used: without dropout and noise."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any

import numpy as np
import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from core.checks import require
from core.layers import is_frozen


class PreciseBatchNorm(Callback):
    """Measures the statistics of all batch-norm layers anew before each validation, or at the end.

    While a network trains, its running statistics are those of activations under dropout and noise,
    and lag behind the weights; in evaluation both are off, and the network then sees activations
    that it is not scaled for. The statistics are therefore averaged over training images passed
    through the network in evaluation mode (Wu and Johnson, Rethinking "Batch" in BatchNorm,
    arXiv:2105.07576, Section 3). The training itself is not touched: it normalises by its own
    batches. Layers that `freeze_but` left frozen keep the statistics that they came with. Every
    process measures the same images, so that all end with the same numbers.

    Args:
        images: Training images to measure, taken evenly from all.
    """

    def __init__(self, *, images: int = 96) -> None:
        require(images > 0, "images", "a positive number", images)
        self.images = images

    def on_validation_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Measure, if this validation is part of a training."""
        if trainer.state.fn == "fit":
            self._measure(trainer, pl_module)

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Measure for the weights that are kept where there is no validation."""
        if not any(trainer.num_val_batches):
            self._measure(trainer, pl_module)

    def _measure(self, trainer: Trainer, pl_module: LightningModule) -> None:
        task: Any = pl_module
        modules = list(chain.from_iterable(network.modules() for network in task.networks))
        norms = [module for module in modules if isinstance(module, _BatchNorm)]
        layers = [norm for norm in norms if not is_frozen(norm)]
        if not layers:
            return
        with _averaging(modules, layers):
            plugin = trainer.precision_plugin
            with torch.no_grad(), plugin.forward_context():
                for batch in self._batches(trainer):
                    image = plugin.convert_input(batch["image"].to(pl_module.device))
                    for network in task.networks:
                        task.run(network, image)

    def _batches(self, trainer: Trainer) -> Any:
        data: Any = trainer.datamodule  # type: ignore[attr-defined]
        rows = data.stages["train"]
        chosen = np.unique(np.linspace(0, len(rows) - 1, self.images).astype(int))
        mixed = np.random.default_rng(0).permutation(rows[chosen])  # a batch of many subjects
        return data.plain_loader(mixed)


@contextmanager
def _averaging(modules: list[nn.Module], layers: list[_BatchNorm]) -> Iterator[None]:
    """Put all modules in evaluation mode but these layers, which average over what they see."""
    modes = [module.training for module in modules]  # at the end of a training all are trained
    momenta = [layer.momentum for layer in layers]
    for module in modules:
        module.training = False
    for layer in layers:
        layer.reset_running_stats()
        layer.momentum = None  # a plain average over the batches
        layer.training = True
    try:
        yield
    finally:
        for layer, momentum in zip(layers, momenta, strict=True):
            layer.momentum = momentum
        for module, mode in zip(modules, modes, strict=True):
            module.training = mode
