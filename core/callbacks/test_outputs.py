"""What a test leaves of each image: its predicted mask, and its row of metrics."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from lightning.pytorch import Callback, LightningModule, Trainer
from PIL import Image

from core.files import replace_text
from core.reports.run_folder import IMAGES, PREDICTIONS, prediction_path

_FIRST: tuple[str, ...] = ("index", "id", "subject")


class TestOutputs(Callback):
    """Writes predictions/<index>.png and per_image.csv into the run folder.

    Takes from the task's `test_step` the "masks" of its outputs, (H, W) each on the image's own
    grid, and from the task its `image_table`; the DataModule's `source.table` tells what each
    image is.
    """

    __test__ = False  # the name does not make it a test

    def on_test_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Make room: an earlier test's predictions must not be taken for this one's."""
        folder = Path(trainer.default_root_dir) / PREDICTIONS
        if trainer.is_global_zero:
            folder.mkdir(parents=True, exist_ok=True)
            for old in folder.glob("*.png"):
                old.unlink()
        trainer.strategy.barrier("predictions")

    def on_test_batch_end(
        self,
        trainer: Trainer,
        pl_module: LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        """Write the masks of a batch; not those of copies that only make ranks equal."""
        images = zip(batch["index"].tolist(), outputs["masks"], batch["is_padding"], strict=True)
        for index, mask, is_padding in images:
            if not is_padding:
                picture = (np.asarray(mask) != 0).astype(np.uint8) * 255
                Image.fromarray(picture).save(
                    prediction_path(Path(trainer.default_root_dir), index)
                )

    def on_test_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Write per_image.csv; every rank gives its rows, the first one writes."""
        table: Any = pl_module.image_table
        rows = pd.DataFrame(table.rows())
        if trainer.is_global_zero:
            known = trainer.datamodule.source.table  # type: ignore[attr-defined]
            text = _named(rows, known).to_csv(index=False)
            replace_text(Path(trainer.default_root_dir) / IMAGES, text)


def _named(rows: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Put what the source knows of each image before its metrics."""
    what = known.loc[rows["index"]].drop(columns=rows.columns, errors="ignore")
    joined = pd.concat([what.reset_index(drop=True), rows.reset_index(drop=True)], axis=1)
    return joined[[*_FIRST, *joined.columns.drop(list(_FIRST))]]
