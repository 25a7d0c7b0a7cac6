"""How much the spine curves on each test image: as predicted, and in truth."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch import Callback, LightningModule, Trainer

from core.callbacks.gathered import Row, gathered
from core.checks import nearest, require
from core.files import replace_text
from core.reports.run_folder import SPINE_ANGLE
from core.shapes import spine_angle


class SpineAngle(Callback):
    """Writes spine_angle.csv after a test, and logs test/angle_error_deg and test/angle_undefined.

    A row an image: `truth_deg` and `prediction_deg`, the angles of the true and of the predicted
    mask by `core.shapes.spine_angle`, NaN where a mask shows too little; and `cobb_deg` where the
    source's table knows it of each spine. The error is the mean absolute difference of the first
    two, over the images where both are defined; where only the true one is, is counted.

    Takes from the task's `test_step` the "masks" of its outputs, (H, W) uint8 each on the image's
    own grid, and from a batch "truth", the same, and "spacing_mm" (B, 2).

    Args:
        structures: Those of the task's structures that lie at both sides of the spine.

    Raises:
        InputError: If the task does not know one of them (when it begins).
    """

    def __init__(self, structures: Sequence[str] = ("thoracic", "lumbar")) -> None:
        self.structures = list(structures)
        self._rows: list[Row] = []

    def setup(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Say before a training, not after it, that a structure is unknown."""
        for name in self.structures:
            known = list(_task(pl_module).structures)
            expected = f"among the task's structures, {', '.join(known)}"
            require(name in known, "structures", expected, f"'{name}'{nearest(name, known)}")

    def on_test_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Drop what an earlier test wrote."""
        self._rows = []
        if trainer.is_global_zero:
            (Path(trainer.default_root_dir) / SPINE_ANGLE).unlink(missing_ok=True)

    def on_test_batch_end(
        self,
        trainer: Trainer,
        pl_module: LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        """Measure a batch's masks; not those of copies that only pad it."""
        known = list(_task(pl_module).structures)
        classes = [known.index(name) + 1 for name in self.structures]
        for place in torch.nonzero(~batch["is_padding"]).flatten().tolist():
            spacing = batch["spacing_mm"][place].tolist()
            masks = {"truth": batch["truth"][place], "prediction": outputs["masks"][place]}
            angles = {
                f"{name}_deg": spine_angle(mask, classes=classes, spacing_mm=spacing)
                for name, mask in masks.items()
            }
            self._rows.append({"index": int(batch["index"][place]), **angles})

    def on_test_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Write the table and log the error; every process takes part."""
        table, data = gathered(trainer, self._rows), trainer.datamodule  # type: ignore[attr-defined]
        if table.empty:
            return
        known = data.source.table
        if "cobb_deg" in known:
            table["cobb_deg"] = known.loc[table["index"], "cobb_deg"].to_numpy()
        if trainer.is_global_zero:
            path = Path(trainer.default_root_dir) / SPINE_ANGLE
            replace_text(path, table.to_csv(index=False))
        error = (table["prediction_deg"] - table["truth_deg"]).abs().mean()
        undefined = (table["truth_deg"].notna() & table["prediction_deg"].isna()).sum()
        pl_module.log("test/angle_error_deg", float(error))
        pl_module.log("test/angle_undefined", float(undefined))


def _task(pl_module: LightningModule) -> Any:
    """Return the module as what it is: a task that names its structures."""
    return pl_module
