"""Does each test image carry each kind of annotation? What the network says, and what is so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from numpy.typing import NDArray

from core.callbacks.gathered import Row, gathered
from core.checks import require
from core.files import replace_text
from core.metrics.confidence import confidence, presence_measures
from core.metrics.presence import mean
from core.reports.run_folder import PRESENCE


class AnnotationPresence(Callback):
    """Writes presence.csv after a test: a row an image and kind with truth and confidence.

    Logs, over images, the area under the ROC curve of the confidences, and sensitivity and
    specificity where 0.5 decides: test/<kind>/presence_auc, .../presence_sensitivity,
    .../presence_specificity, and their means over kinds as test/presence_auc and so on. A measure
    is NaN for a kind that is on all test images, or on none, as far as it needs the others; such
    kinds stay out of the means.

    Takes from the task its `structures`, which are the kinds, and from the outputs of its
    `test_step` the "scores", (K, H, W) float32 in 0..1 each on the image's own grid; from a batch
    "truth", (H, W) uint8 class indices, of which a single kind takes all that is not 0.
    """

    def __init__(self) -> None:
        self._rows: list[Row] = []

    def on_test_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Drop what an earlier test wrote."""
        self._rows = []
        if trainer.is_global_zero:
            (Path(trainer.default_root_dir) / PRESENCE).unlink(missing_ok=True)

    def on_test_batch_end(
        self,
        trainer: Trainer,
        pl_module: LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        """Note truth and confidence of a batch's images; not of copies that only pad it.

        Raises:
            InputError: If the task gives no scores.
        """
        require("scores" in outputs, "AnnotationPresence", "a task whose test gives scores")
        task: Any = pl_module
        kinds = task.structures
        for place in torch.nonzero(~batch["is_padding"]).flatten().tolist():
            there = _present(batch["truth"][place], len(kinds))
            sure = confidence(outputs["scores"][place]).tolist()
            image = {"index": int(batch["index"][place])}
            for number, kind in enumerate(kinds):
                row = {"class": number, "kind": kind, "truth": there[number]}
                self._rows.append(image | row | {"confidence": sure[number]})

    def on_test_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Write the table and log its measures; every process takes part."""
        table = gathered(trainer, self._rows)
        if table.empty:
            return
        table = table.sort_values(["index", "class"]).drop(columns="class")
        if trainer.is_global_zero:
            path = Path(trainer.default_root_dir) / PRESENCE
            replace_text(path, table.to_csv(index=False))
        for name, value in _measures(table).items():
            pl_module.log(f"test/{name}", value)


def _present(truth: NDArray[np.uint8], kinds: int) -> list[int]:
    """Return 1 for each class that a mask shows, or 0; a single one takes all but background."""
    if kinds == 1:
        return [int(truth.any())]
    return [int((truth == number).any()) for number in range(1, kinds + 1)]


def _measures(table: pd.DataFrame) -> dict[str, float]:
    """Return each kind's measures and their means over kinds, as they are logged."""
    own = {
        str(kind): presence_measures(of["truth"].to_numpy() > 0, of["confidence"].to_numpy())
        for kind, of in table.groupby("kind", sort=False)
    }
    logged = {
        f"{kind}/presence_{name}": value for kind, of in own.items() for name, value in of.items()
    }
    means = pd.DataFrame(own).T
    return logged | {f"presence_{name}": mean(means[name].to_numpy()) for name in means}
