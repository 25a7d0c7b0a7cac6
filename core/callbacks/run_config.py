"""The config travels with the run: in its folder, and in every checkpoint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from lightning.pytorch import Callback, LightningModule, Trainer

from core.data.split_csv import keep_split
from core.files import replace_text
from core.run_keys import DEFAULT


class RunConfig(Callback):
    """Writes config.yaml and split.csv into the run folder, and a card into each checkpoint.

    Args:
        project: The project's name.
        config: The full config.
        method: What the run was asked for, in a few words; see `core.run_keys.method_of`.
    """

    def __init__(self, project: str, config: dict[str, Any], method: str = DEFAULT) -> None:
        self.project, self.method = project, method
        self.text = yaml.safe_dump(config, sort_keys=False)
        self.card = yaml.safe_dump(_without_weights(config), sort_keys=False)

    def setup(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Give the task its card; write the config before anything can go wrong, and the split."""
        task: Any = pl_module
        task.card = {"project": self.project, "config": self.card, "method": self.method}
        folder = Path(trainer.default_root_dir)
        if not trainer.is_global_zero or stage not in ("fit", "test"):
            return
        data: Any = trainer.datamodule  # type: ignore[attr-defined]
        keep_split(folder / "split.csv", data.source.table, data.stages)
        replace_text(folder / "config.yaml", self.text)


def _without_weights(config: Any) -> Any:
    """Leave out the files and names that weights come from: a checkpoint holds them itself."""
    if isinstance(config, list):
        return [_without_weights(value) for value in config]
    if not isinstance(config, dict):
        return config
    return {
        key: None if key in ("weights", "encoder_weights") else _without_weights(value)
        for key, value in config.items()
    }
