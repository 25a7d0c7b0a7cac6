"""The run in one file for machines: summary.json."""

from __future__ import annotations

import math
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch import Callback, LightningModule, Trainer

from core.callbacks.provenance import (
    command,
    device_facts,
    git_state,
    packages,
    process_seconds,
    versions,
)
from core.reports.run_folder import SUMMARY, read_summary, write_summary


class RunSummary(Callback):
    """Writes summary.json into the run folder: at the end of a training, and again after its test.

    Project and run are named after the folder, runs/<project>/<run>. A test leaves what the
    training wrote as it is and adds its metrics.

    Args:
        seed: The run's seed; None takes the one that Lightning seeded everything with.
    """

    def __init__(self, *, seed: int | None = None) -> None:
        self.seed = seed
        self._git: dict[str, Any] | None = None
        self._seconds: dict[str, float] = {}
        self._fit_before = 0.0  # seconds trained before a resume
        self._started = 0.0
        self._last_step: float | None = None
        self._step_seconds, self._steps = 0.0, 0

    def setup(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Ask for the code that runs, before anybody changes its files."""
        if trainer.is_global_zero and stage in ("fit", "test"):
            self._git = git_state()

    def state_dict(self) -> dict[str, Any]:
        """Keep the time trained so far in checkpoints."""
        return {"fit_seconds": self._fit_before + time.monotonic() - self._started}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on counting from the checkpoint's time."""
        self._fit_before = state_dict["fit_seconds"]

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Start the clock of the training."""
        self._started = time.monotonic()

    def on_train_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Leave the time between epochs out of the mean step."""
        self._last_step = None

    def on_validation_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Leave validations out of the mean step."""
        self._last_step = None

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Time steps from end to end, loading included; the first of an epoch is not counted."""
        now = time.monotonic()
        if "first_step" not in self._seconds:
            self._seconds["first_step"] = process_seconds()
        if self._last_step is not None:
            self._step_seconds += now - self._last_step
            self._steps += 1
        self._last_step = now

    def on_fit_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Write the summary of the training."""
        self._seconds["fit"] = self._fit_before + time.monotonic() - self._started
        if self._steps:
            self._seconds["step"] = self._step_seconds / self._steps
        if trainer.is_global_zero:
            score, epoch = _best(trainer)
            trained = {"epochs": trainer.current_epoch, "best_epoch": epoch, "best_score": score}
            facts = self._facts(trainer, pl_module) | trained
            _write(trainer, facts | {"stage": "fit", "metrics": {}, "seconds": self._seconds})

    def on_test_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Start the clock of the test."""
        self._started = time.monotonic()

    def on_test_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Add the test to the summary; every rank takes part in reading the metrics."""
        metrics = {key: float(value) for key, value in trainer.callback_metrics.items()}
        seconds = {"test": time.monotonic() - self._started}
        if trainer.is_global_zero:
            known = _existing(trainer) or self._facts(trainer, pl_module)
            tested = {key: value for key, value in metrics.items() if key.startswith("test/")}
            seconds = known.get("seconds", {}) | seconds
            _write(trainer, known | {"stage": "test", "metrics": tested, "seconds": seconds})

    def _facts(self, trainer: Trainer, pl_module: LightningModule) -> dict[str, Any]:
        """Return what is known of a run before any result."""
        folder = Path(trainer.default_root_dir).resolve()
        started = datetime.now(UTC) - timedelta(seconds=process_seconds())
        seed = os.environ.get("PL_GLOBAL_SEED")
        return {
            "project": folder.parent.name,
            "run": folder.name,
            "started": started.isoformat(timespec="seconds"),
            "parameters": _capacity(pl_module.network),
            "seed": int(seed) if self.seed is None and seed else self.seed,
            "data": _data_facts(trainer.datamodule),  # type: ignore[attr-defined]
            "git": self._git,
            "versions": versions(),
            "packages": packages(),
            "device": device_facts(trainer.strategy.root_device, trainer.world_size),
            "threads": torch.get_num_threads(),
            "command": command(),
        }


def _capacity(network: Any) -> int:
    """Return the parameters of what is left after the training; discriminators are not."""
    return sum(parameter.numel() for parameter in network.parameters())


def _data_facts(data: Any) -> dict[str, Any]:
    """Return what the DataModule's source is, the data's hash, and the images of each stage."""
    source = data.source
    while hasattr(source, "source"):  # a cache, or a grid, stands for what it holds
        source = source.source
    return {
        "source": type(source).__name__,
        "hash": data.fingerprint,
        "simulated": data.source.simulated,
        "images": {stage: len(indices) for stage, indices in data.stages.items()},
    }


def _best(trainer: Trainer) -> tuple[float | None, int | None]:
    """Return the score and the epoch of the checkpoint that was kept as the best one."""
    checkpoints: Any = trainer.checkpoint_callback
    path = getattr(checkpoints, "best_model_path", "")
    if not path or checkpoints.best_model_score is None:
        return None, None
    content = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    return float(checkpoints.best_model_score), int(content["epoch"])


def _existing(trainer: Trainer) -> dict[str, Any]:
    """Return the summary that the training of this run wrote; nothing if there was none."""
    root = Path(trainer.default_root_dir)
    return read_summary(root) if (root / SUMMARY).is_file() else {}


def _write(trainer: Trainer, summary: dict[str, Any]) -> None:
    """Write the summary; strict JSON has no NaN, so undefined metrics become null."""
    for group in ("metrics", "seconds"):
        values = summary[group].items()
        summary[group] = {key: value if math.isfinite(value) else None for key, value in values}
    write_summary(Path(trainer.default_root_dir), summary)
