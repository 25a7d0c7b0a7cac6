"""The ratio of a structure's areas in two regions of a limb, such as wrist and forearm."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from lightning.pytorch import Callback, LightningModule, Trainer

from core.checks import require
from core.files import replace_text
from core.metrics.areas import area_ratios
from core.reports.run_folder import AREA_RATIO, IMAGES


class AreaRatio(Callback):
    """Writes area_ratio.csv after a test: one row a limb with the true and the predicted ratio.

    Belongs behind `TestOutputs`, whose per_image.csv it reads. Where the test images are not of
    both regions, or their spacing is unknown, there is nothing to write.

    Args:
        column: Column of the data that tells the regions apart.
        numerator: Its value above the line.
        denominator: Its value below the line.
        by: Columns whose values make a limb, `subject` among them.

    Raises:
        InputError: If `subject` is not among them.
    """

    def __init__(self, *, column: str, numerator: str, denominator: str, by: Sequence[str]) -> None:
        require("subject" in by, "by", "'subject' among the columns of a limb", list(by))
        self.column, self.by = column, list(by)
        self.numerator, self.denominator = numerator, denominator

    def on_test_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Write the ratios, and drop those of an earlier test."""
        folder = Path(trainer.default_root_dir)
        if not trainer.is_global_zero:
            return
        (folder / AREA_RATIO).unlink(missing_ok=True)
        images = pd.read_csv(folder / IMAGES, dtype=dict.fromkeys([*self.by, self.column], str))
        if self._is_measured(images):
            several = images["structure"].nunique() > 1
            found = area_ratios(
                images,
                column=self.column,
                numerator=self.numerator,
                denominator=self.denominator,
                by=[*self.by, *(["structure"] if several else [])],
            ).table
            names = {"truth_ratio": "truth", "prediction_ratio": "prediction"}
            replace_text(folder / AREA_RATIO, found.rename(columns=names).to_csv(index=False))

    def _is_measured(self, images: pd.DataFrame) -> bool:
        """Whether both regions are there, and pixels have a size."""
        spacings = ["spacing_row_mm", "spacing_col_mm"]
        if not {self.column, *self.by, *spacings} <= set(images):
            return False
        known = images.dropna(subset=spacings)
        return {self.numerator, self.denominator} <= set(known[self.column])
