"""What a training by Noise2Noise is given: a few pairs, and the mean of the noise."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from lightning.pytorch import Callback, LightningModule, Trainer
from numpy.typing import NDArray
from PIL import Image

from core.checks import require
from core.files import replace_text
from core.reports.run_folder import PAIRS

Array = NDArray[Any]


class NoisePairs(Callback):
    """Writes pairs/<n>-{noisy,target,clean,mask}.png and pairs.json before a training.

    Noise2Noise needs targets whose noise leaves what the loss takes from them as it is: its mean
    for L2, its median for L1 (Lehtinen et al., ICML 2018, Section 2). pairs.json says how far the
    mean is off: `mean_noise` of each channel in grey levels over all pixels, `mean_noise_changed`
    over those that annotations changed, and `share_changed`, their share.

    Args:
        shown: Pairs that are written.
        measured: Pairs that are measured.
    """

    def __init__(self, *, shown: int = 4, measured: int = 200) -> None:
        require(0 < shown <= measured, "shown", f"1 to {measured}", shown)
        self.shown, self.measured = shown, measured

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Write and measure pairs of the training images, if data make such; one process does."""
        folder, data = Path(trainer.default_root_dir), trainer.datamodule  # type: ignore[attr-defined]
        if not trainer.is_global_zero or not hasattr(data, "training_set"):
            return
        dataset, rows = data.training_set(), data.stages["train"]
        total, changed = np.zeros(3), 0
        pixels = 0
        for number in range(self.measured):
            copy, place = divmod(number, len(rows))
            clean, noisy, target = dataset.pair(int(rows[place]), copy)
            if number < self.shown:
                _save(folder, number, noisy.image, target.image, clean, noisy.mask)
            total += (noisy.image.astype(float) - clean).sum((0, 1))
            changed += int(np.count_nonzero(noisy.mask))
            pixels += noisy.mask.size
        facts = {
            "mean_noise": (total / pixels).tolist(),
            "mean_noise_changed": (total / max(changed, 1)).tolist(),
            "share_changed": changed / pixels,
            "pairs": self.measured,
        }
        replace_text(folder / f"{PAIRS}.json", json.dumps(facts, indent=2))


def _save(
    folder: Path, number: int, noisy: Array, target: Array, clean: Array, mask: Array
) -> None:
    views = {"noisy": noisy, "target": target, "clean": clean}
    views["mask"] = (mask > 0).astype(np.uint8) * 255
    (folder / PAIRS).mkdir(exist_ok=True)
    for name, view in views.items():
        Image.fromarray(view).save(folder / PAIRS / f"{number}-{name}.png")
