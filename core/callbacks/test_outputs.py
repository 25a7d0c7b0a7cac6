"""What a test leaves: each image's predicted mask, if any, and row of metrics; each group's ROC."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
from lightning.pytorch import Callback, LightningModule, Trainer

from core.files import replace_text
from core.reports.masks import save_mask
from core.reports.run_folder import GROUP, IMAGES, PREDICTIONS, ROC, prediction_path

_FIRST: tuple[str, ...] = ("index", "id", "subject")


class TestOutputs(Callback):
    """Writes predictions/<index>.png, per_image.csv and roc.csv.

    Takes from the task's `test_step` the "masks" of its outputs, (H, W) each on the image's own
    grid, where there are any, and from the task its `image_table` and `curves`; the DataModule's
    `source.table` tells what each image is, its `groups` which images belong together.
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
        if "masks" not in outputs:
            return
        task: Any = pl_module
        images = zip(batch["index"].tolist(), outputs["masks"], batch["is_padding"], strict=True)
        for index, mask, is_padding in images:
            if not is_padding:
                path = prediction_path(Path(trainer.default_root_dir), index)
                save_mask(mask, path, structures=len(task.structures))

    def on_test_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Write per_image.csv; every rank gives its rows, the first one writes."""
        task: Any = pl_module
        rows, curves = pd.DataFrame(task.image_table.rows()), task.curves.curves()
        if trainer.is_global_zero:
            folder, data = Path(trainer.default_root_dir), trainer.datamodule  # type: ignore[attr-defined]
            replace_text(folder / IMAGES, _named(rows, data).to_csv(index=False))
            (folder / ROC).unlink(missing_ok=True)
            if curves:
                replace_text(folder / ROC, _points(curves).to_csv(index=False))


def _named(rows: pd.DataFrame, data: Any) -> pd.DataFrame:
    """Put what the source knows of each image, and its group, before its metrics."""
    known: pd.DataFrame = data.source.table
    if data.groups:
        known = known.assign(**{GROUP: data.groups})
    what = known.loc[rows["index"]].drop(columns=rows.columns, errors="ignore")
    joined = pd.concat([what.reset_index(drop=True), rows.reset_index(drop=True)], axis=1)
    return joined[[*_FIRST, *joined.columns.drop(list(_FIRST))]]


def _points(curves: dict[Any, Any]) -> pd.DataFrame:
    """One row a point of a curve; the area under its curve stands in each."""
    parts = [
        pd.DataFrame({**key._asdict(), "fpr": curve.fpr, "tpr": curve.tpr, "auc": curve.auc})
        for key, curve in curves.items()
    ]
    return pd.concat(parts, ignore_index=True)
