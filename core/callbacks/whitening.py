"""Mean and standard deviation of the training images, for networks that whiten what they see."""

from __future__ import annotations

from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer

from core.layers import Whiten


class Whitening(Callback):
    """Gives every `Whiten` layer the statistics of all pixels of the training images.

    They are measured on the network's grid, without augmentation (the thesis, Section 3.4.2), and
    stay in the layer's buffers, and so in every checkpoint. Networks without such layers are left
    alone.
    """

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Measure, on every process alike."""
        layers = [layer for layer in pl_module.modules() if isinstance(layer, Whiten)]
        if layers:
            data: Any = trainer.datamodule  # type: ignore[attr-defined]
            mean, std = data.statistics(data.stages["train"])
            for layer in layers:
                layer.set(mean, std)
