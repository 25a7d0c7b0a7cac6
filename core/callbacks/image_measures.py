"""What callbacks share that measure each test image: a table, its file, and what is logged."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd
import torch
from lightning.pytorch import Callback, LightningModule, Trainer

from core.callbacks.gathered import Row, gathered
from core.files import replace_text


class ImageMeasures(Callback):
    """Collects rows of every process's test images, writes them down once, and logs their sums.

    Attributes:
        file: Name of the table in the run folder.
        folders: Names of the folders of pictures that it keeps beside.
    """

    file: ClassVar[str]
    folders: ClassVar[tuple[str, ...]] = ()

    def __init__(self) -> None:
        self._rows: list[Row] = []

    @abstractmethod
    def rows(
        self, trainer: Trainer, task: Any, outputs: Any, batch: Any, places: list[int]
    ) -> Iterable[Row]:
        """Return rows, each with its image's `index`, for these places of a batch."""

    @abstractmethod
    def measures(self, table: pd.DataFrame, task: Any) -> Mapping[str, float]:
        """Return what is logged of all images, by name without "test/"."""

    def completed(self, table: pd.DataFrame, source: Any) -> pd.DataFrame:
        """Return the table as it is written; a subclass may add what the source knows."""
        return table

    def on_test_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Make room: what an earlier test left must not be taken for this one's."""
        self._rows = []
        root = Path(trainer.default_root_dir)
        if trainer.is_global_zero:
            (root / self.file).unlink(missing_ok=True)
            for old in (path for name in self.folders for path in root.glob(f"{name}/*.png")):
                old.unlink()
        trainer.strategy.barrier(self.file)

    def on_test_batch_end(
        self,
        trainer: Trainer,
        pl_module: LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        """Measure a batch; not copies that only pad it."""
        places = torch.nonzero(~batch["is_padding"]).flatten().tolist()
        self._rows += self.rows(trainer, pl_module, outputs, batch, places)

    def on_test_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Write the table and log its measures; every process takes part."""
        table = gathered(trainer, self._rows)
        if table.empty:
            return
        table = self.completed(table, trainer.datamodule.source)  # type: ignore[attr-defined]
        if trainer.is_global_zero:
            path = Path(trainer.default_root_dir) / self.file
            replace_text(path, table.to_csv(index=False))
        for name, value in self.measures(table, pl_module).items():
            pl_module.log(f"test/{name}", value)
