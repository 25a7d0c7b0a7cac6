"""The curves of a training as a table: metrics.csv, one row an epoch."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from lightning.pytorch import Callback, LightningModule, Trainer

from core.checks import require
from core.files import replace_text
from core.reports.run_folder import EPOCHS

Row = dict[str, float]


class EpochLog(Callback):
    """Writes metrics.csv into the run folder: epoch, step, every epoch-level metric, seconds.

    An epoch's row is written when the next epoch starts or the training ends: only then is known
    what the module logs in its own `on_train_epoch_end`. A resumed training replaces the rows of
    the epochs that it runs again.
    """

    def __init__(self) -> None:
        self._rows: list[Row] = []
        self._ended: Row = {}
        self._started = 0.0
        self._validated = False

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Take up the rows of the epochs that are over."""
        self._rows = _read_rows(_path(trainer), before=trainer.current_epoch)
        self._started = time.monotonic()  # an epoch that is resumed begins without its start

    def on_train_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Write the row of the epoch before, and start the clock."""
        self._write(trainer)
        self._started, self._validated = time.monotonic(), False

    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Remember that this epoch has a validation of its own."""
        self._validated = not trainer.sanity_checking

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Note which epoch ended, when, and how long it took with its validation."""
        seconds = round(time.monotonic() - self._started, 3)
        self._ended = {
            "epoch": trainer.current_epoch,
            "step": trainer.global_step,
            "seconds": seconds,
        }

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Write the last epoch's row."""
        self._write(trainer)

    def _write(self, trainer: Trainer) -> None:
        """Add the ended epoch's row to the file; every rank takes part in reading the metrics."""
        metrics = _epoch_metrics(trainer.callback_metrics, validated=self._validated)
        if self._ended and trainer.is_global_zero:
            seconds = self._ended.pop("seconds")
            self._rows.append({**self._ended, **metrics, "seconds": seconds})
            replace_text(_path(trainer), pd.DataFrame(self._rows).to_csv(index=False))
        self._ended = {}


def _path(trainer: Trainer) -> Path:
    return Path(trainer.default_root_dir) / EPOCHS


def _read_rows(path: Path, *, before: int) -> list[Row]:
    """Return the rows of the epochs before this one; none from a file that is not there."""
    if before == 0 or not path.is_file():
        return []
    rows = pd.read_csv(path)
    require("epoch" in rows, path.name, "a column 'epoch'", ", ".join(map(str, rows)))
    kept: Any = rows[rows["epoch"] < before].to_dict("records")
    return list(kept)


def _epoch_metrics(metrics: Mapping[str, Any], *, validated: bool) -> Row:
    """Return the metrics of the epoch: not those of a step, nor those of an earlier validation."""
    return {
        name: float(value)
        for name, value in metrics.items()
        if (validated or not name.startswith("val/")) and not _is_of_step(name, metrics)
    }


def _is_of_step(name: str, metrics: Mapping[str, Any]) -> bool:
    """Whether Lightning made this name beside the epoch's, as it does where both are logged."""
    stem, _, suffix = name.rpartition("_")
    return suffix in ("step", "epoch") and stem in metrics
