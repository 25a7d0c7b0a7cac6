"""What a training on patches is made of: a table of all patches, and figures of their pools."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from lightning.pytorch import Callback, LightningModule, Trainer

from core.checks import require
from core.files import replace_text
from core.reports.run_folder import FIGURES


class PatchPools(Callback):
    """Writes patches.csv before training, and figures that show what the thresholds mean here.

    The table has a row a patch of the training images: patch, index (row of the source), id,
    subject, top, left, measure (mean vertical edge, grey levels), background (share of black
    pixels), pool. figures/patches.png is the histogram of the measure,
    figures/patches_<pool>.png are some patches of a pool.

    Takes from the DataModule its `pools`, its `gridded` images and its `source.table`.

    Args:
        seed: Of which patches are shown.

    Raises:
        InputError: When training starts, if the data are not cut into patches.
    """

    def __init__(self, *, seed: int = 0) -> None:
        self.seed = seed

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Write the table and draw the figures; the first process does."""
        from core.reports.patch_pools import PATCHES

        data: Any = trainer.datamodule  # type: ignore[attr-defined]
        name = type(data).__name__
        require(hasattr(data, "pools"), "PatchPools", "data of patches (PatchData)", name)
        if trainer.is_global_zero:
            folder = Path(trainer.default_root_dir)
            table = _named(data.pools.table, data.source.table)
            replace_text(folder / PATCHES, table.to_csv(index=False, float_format="%.6g"))
            self._draw(data, folder / FIGURES)

    def _draw(self, data: Any, folder: Path) -> None:
        """Draw the histogram, and some patches of each pool that has any."""
        from core.reports.patch_pools import POOLS, plot_measures, plot_pool

        table, rule = data.pools.table, data.pools.patches
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("patches*.png"):
            old.unlink()
        plot_measures(table, rule.clean_below, rule.corrupted_above).save(folder)
        for pool in POOLS:
            numbers = self._chosen(table, pool)
            cuts = [data.pools.cut(data.gridded, number)["image"] for number in numbers]
            if cuts:
                shown = zip(cuts, table["measure"].iloc[numbers], strict=True)
                plot_pool(table, pool, list(shown)).save(folder)

    def _chosen(self, table: pd.DataFrame, pool: str) -> list[int]:
        """Return the numbers of some patches of a pool, by what they measure."""
        from core.reports.patch_pools import SHOWN

        numbers = np.flatnonzero(table["pool"] == pool)
        order = np.random.default_rng(self.seed).permutation(numbers)[:SHOWN]
        return sorted(order.tolist(), key=table["measure"].tolist().__getitem__)


def _named(table: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Return the table of patches with their numbers, and with what images they are from."""
    names = known[["id", "subject"]].iloc[table["row"]].reset_index(drop=True)
    rest = table.rename(columns={"row": "index"})
    return (
        pd.concat([rest[["index"]], names, rest.drop(columns="index")], axis=1)
        .rename_axis("patch")
        .reset_index()
    )
