"""Does each test image carry each kind of annotation? What the network says, and what is so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from lightning.pytorch import LightningModule, Trainer
from numpy.typing import NDArray

from core.callbacks.gathered import Row
from core.callbacks.image_measures import ImageMeasures
from core.checks import require
from core.metrics.confidence import confidence, presence_measures
from core.metrics.presence import mean
from core.reports.run_folder import PRESENCE


class AnnotationPresence(ImageMeasures):
    """Writes presence.csv after a test: a row an image and kind with truth and confidence.

    Logs, over images, the area under the ROC curve of the confidences, and sensitivity and
    specificity where 0.5 decides: test/<kind>/presence_auc, .../presence_sensitivity,
    .../presence_specificity, and their means over kinds as test/presence_auc and so on. A measure
    is NaN for a kind that is on all test images, or on none, as far as it needs the others; such
    kinds stay out of the means.

    Takes from the task its `structures`, which are the kinds, and from the outputs of its
    `test_step` the "scores", (K, H, W) float32 in 0..1 each on the image's own grid; from a batch
    "truth", (H, W) uint8 class indices. A task of one structure is left alone: it does not tell
    kinds apart.

    Raises:
        InputError: If the data draw other kinds than the task's structures (when it begins).
    """

    file: ClassVar[str] = PRESENCE

    def setup(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Say before a training that what is drawn is not what the task tells apart."""
        task: Any = pl_module
        drawn = getattr(trainer.datamodule, "annotator", None)  # type: ignore[attr-defined]
        if drawn is not None and len(task.structures) > 1:
            wanted = f"the task's structures in their order, {', '.join(task.structures)}"
            same = tuple(task.structures) == drawn.names
            require(same, "data.annotate.kinds", wanted, ", ".join(drawn.names))

    def rows(
        self, trainer: Trainer, task: Any, outputs: Any, batch: Any, places: list[int]
    ) -> Iterator[Row]:
        """Yield truth and confidence of each image and kind; nothing for a task of one kind."""
        if len(task.structures) < 2:
            return
        for place in places:
            there = _present(batch["truth"][place], len(task.structures))
            sure = confidence(outputs["scores"][place]).tolist()
            for number, kind in enumerate(task.structures):
                yield {
                    "index": int(batch["index"][place]),
                    "class": number,
                    "kind": kind,
                    "truth": there[number],
                    "confidence": sure[number],
                }

    def completed(self, table: pd.DataFrame, source: Any) -> pd.DataFrame:
        """Return the table by image and kind."""
        return table.sort_values(["index", "class"]).drop(columns="class")

    def measures(self, table: pd.DataFrame, task: Any) -> dict[str, float]:
        """Return each kind's measures and their means over kinds."""
        own = {
            str(kind): presence_measures(of["truth"].to_numpy() > 0, of["confidence"].to_numpy())
            for kind, of in table.groupby("kind", sort=False)
        }
        values = {
            f"{kind}/presence_{name}": value
            for kind, of in own.items()
            for name, value in of.items()
        }
        means = pd.DataFrame(own).T
        return values | {f"presence_{name}": mean(means[name].to_numpy()) for name in means}


def _present(truth: NDArray[np.uint8], kinds: int) -> list[int]:
    """Return 1 for each class that a mask shows, or 0."""
    return [int((truth == number).any()) for number in range(1, kinds + 1)]
