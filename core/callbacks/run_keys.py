"""What a run is grouped and filtered by, in its summary and in its loggers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer

from core.callbacks.provenance import git_state
from core.reports.run_folder import SUMMARY, read_summary, write_summary
from core.run_keys import KEYS, held_out


class RunKeys(Callback):
    """Adds `keys` to summary.json, and tells loggers what only the data say of them.

    Belongs behind `RunSummary`, whose file it adds to.

    Args:
        keys: What the config says, as in `core.run_keys.config_keys`; loggers know it already.
    """

    def __init__(self, keys: Mapping[str, Any]) -> None:
        self.keys = dict.fromkeys(KEYS) | dict(keys)

    def setup(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Look at the data once they are split; on the first process only."""
        if not trainer.is_global_zero or stage not in ("fit", "test"):
            return
        git, data = git_state() or {}, trainer.datamodule  # type: ignore[attr-defined]
        found = {
            "simulated": data.source.simulated,
            "data_hash": data.fingerprint,
            "held_out": held_out(data.source.table, data.stages, getattr(data, "split", None)),
            "git_commit": git.get("commit"),
            "dirty": git.get("dirty"),
        }
        if any(self.keys[name] != value for name, value in found.items()):
            self.keys |= found
            for logger in trainer.loggers:
                logger.log_hyperparams(self.keys)

    def on_fit_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Add the keys to the training's summary."""
        self._add(trainer)

    def on_test_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Add the keys to the test's summary."""
        self._add(trainer)

    def _add(self, trainer: Trainer) -> None:
        folder = Path(trainer.default_root_dir)
        if trainer.is_global_zero and (folder / SUMMARY).is_file():
            write_summary(folder, read_summary(folder) | {"keys": self.keys})
