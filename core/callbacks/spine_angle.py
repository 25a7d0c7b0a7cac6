"""How much the spine curves on each test image: as predicted, and in truth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

import pandas as pd
from lightning.pytorch import LightningModule, Trainer

from core.callbacks.gathered import Row
from core.callbacks.image_measures import ImageMeasures
from core.checks import nearest, require
from core.reports.run_folder import SPINE_ANGLE
from core.shapes import spine_angle


class SpineAngle(ImageMeasures):
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

    file: ClassVar[str] = SPINE_ANGLE

    def __init__(self, structures: Sequence[str] = ("thoracic", "lumbar")) -> None:
        super().__init__()
        self.structures = list(structures)

    def setup(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Say before a training, not after it, that a structure is unknown."""
        for name in self.structures:
            known = list(_task(pl_module).structures)
            expected = f"among the task's structures, {', '.join(known)}"
            require(name in known, "structures", expected, f"'{name}'{nearest(name, known)}")

    def rows(
        self, trainer: Trainer, task: Any, outputs: Any, batch: Any, places: list[int]
    ) -> Iterator[Row]:
        """Yield the angles of each image's masks."""
        known = list(task.structures)
        classes = [known.index(name) + 1 for name in self.structures]
        for place in places:
            spacing = batch["spacing_mm"][place].tolist()
            masks = {"truth": batch["truth"][place], "prediction": outputs["masks"][place]}
            angles = {
                f"{name}_deg": spine_angle(mask, classes=classes, spacing_mm=spacing)
                for name, mask in masks.items()
            }
            yield {"index": int(batch["index"][place]), **angles}

    def completed(self, table: pd.DataFrame, source: Any) -> pd.DataFrame:
        """Return the table with each spine's own angle, where it is known."""
        if "cobb_deg" not in source.table:
            return table
        return table.assign(cobb_deg=source.table.loc[table["index"], "cobb_deg"].to_numpy())

    def measures(self, table: pd.DataFrame, task: Any) -> dict[str, float]:
        """Return the mean error, and how often there is none."""
        error = (table["prediction_deg"] - table["truth_deg"]).abs().mean()
        undefined = (table["truth_deg"].notna() & table["prediction_deg"].isna()).sum()
        return {"angle_error_deg": float(error), "angle_undefined": float(undefined)}


def _task(pl_module: LightningModule) -> Any:
    """Return the module as what it is: a task that names its structures."""
    return pl_module
