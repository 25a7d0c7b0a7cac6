"""The weights of the epoch with the best validation score."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import ModelCheckpoint


class BestCheckpoint(ModelCheckpoint):
    """Keeps checkpoints/best.ckpt of the run: weights only, for using and not for resuming.

    Without validation images the last epoch's weights are the best that is known.

    Args:
        monitor: The validation metric that decides; None takes the task's `headline`.
        mode: Whether more or less of it is better.
    """

    def __init__(self, *, monitor: str | None = None, mode: Literal["max", "min"] = "max") -> None:
        super().__init__(
            monitor=monitor,
            mode=mode,
            filename="best",
            save_weights_only=True,
            enable_version_counter=False,
            save_on_train_epoch_end=False,
        )

    def setup(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Write into the run folder, whichever loggers there are."""
        self.monitor = self.monitor or f"val/{pl_module.headline}"
        self.dirpath = str(Path(trainer.default_root_dir) / "checkpoints")
        super().setup(trainer, pl_module, stage)

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Keep the last weights where nothing tells which were better."""
        if not self.best_model_path:
            path = str(Path(str(self.dirpath)) / "best.ckpt")
            trainer.save_checkpoint(path, weights_only=True)
            self.best_model_path = path

    def on_train_batch_end(self, *_: Any) -> None:
        """Do nothing: only a validation tells what is best."""
