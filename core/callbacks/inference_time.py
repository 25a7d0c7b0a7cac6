"""How long the network takes for one image, and how that was measured."""

from __future__ import annotations

import time
from pathlib import Path
from statistics import median
from typing import Any

import torch
from lightning.pytorch import Callback, LightningModule, Trainer

from core.layers import inference_form
from core.reports.run_folder import SUMMARY, read_summary, write_summary


class InferenceTime(Callback):
    """Adds `inference` to summary.json after a test.

    `ms_per_image` is of the network as it was trained, `ms_per_image_folded` of its inference form,
    which predictions use; `how` says in words how they were measured.

    Only the network is timed, on one test image that is already on the device; reading, resizing
    and measuring are not. Belongs behind `RunSummary`.

    Args:
        runs: Timed runs at most; the median is given.
        warm_up: Runs before them that do not count.
        budget_s: No further timed run starts after this time.
    """

    def __init__(self, *, runs: int = 20, warm_up: int = 2, budget_s: float = 2.0) -> None:
        self.runs, self.warm_up, self.budget_s = runs, warm_up, budget_s
        self._image: torch.Tensor | None = None

    def on_test_batch_start(
        self,
        trainer: Trainer,
        pl_module: LightningModule,
        batch: Any,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        """Keep the first image to measure with."""
        if self._image is None:
            self._image = batch["image"][:1]

    def on_test_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Measure, and add the result to what is written down of the run."""
        image, self._image = self._image, None
        folder = Path(trainer.default_root_dir)
        if not trainer.is_global_zero or image is None or not (folder / SUMMARY).is_file():
            return
        network: Any = pl_module.network
        image = trainer.precision_plugin.convert_input(image)
        with trainer.precision_plugin.forward_context(), torch.inference_mode():
            form = inference_form(network)
            if network._compiled_call_impl is not None:  # copies come without
                form.compile()
            trained, folded = self._times(network, image), self._times(form, image)
        inference = {
            "ms_per_image": 1000 * median(trained),
            "ms_per_image_folded": 1000 * median(folded),
            "how": _how(image, str(trainer.precision), len(trained)),
        }
        write_summary(folder, read_summary(folder) | {"inference": inference})

    def _times(self, network: torch.nn.Module, image: torch.Tensor) -> list[float]:
        """Seconds of each timed run."""
        times: list[float] = []
        for run in range(self.warm_up + self.runs):
            started = _now(image.device)
            network(image)
            if run >= self.warm_up:
                times.append(_now(image.device) - started)
            if sum(times) > self.budget_s:
                break
        return times


def _now(device: torch.device) -> float:
    """The clock, once the device has done all that it was asked to."""
    if device.type != "cpu":
        torch.accelerator.synchronize(device)
    return time.perf_counter()


def _how(image: torch.Tensor, precision: str, runs: int) -> str:
    """Say on what the network was timed."""
    device = (
        torch.cuda.get_device_name(image.device)
        if image.device.type == "cuda"
        else f"{image.device.type}, {torch.get_num_threads()} threads"
    )
    size = "x".join(map(str, image.shape[2:]))
    return f"network alone, batch 1 of {size}, precision {precision}, {device}; median of {runs}"
