"""Does each test image carry each kind of annotation? What the network says, and what is so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from lightning.pytorch import Trainer
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
    "truth", (H, W) uint8 class indices, of which a single kind takes all that is not 0.
    """

    file: ClassVar[str] = PRESENCE

    def rows(
        self, trainer: Trainer, task: Any, outputs: Any, batch: Any, places: list[int]
    ) -> Iterator[Row]:
        """Yield truth and confidence of each image and kind.

        Raises:
            InputError: If the task gives no scores.
        """
        require("scores" in outputs, "AnnotationPresence", "a task whose test gives scores")
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
    """Return 1 for each class that a mask shows, or 0; a single one takes all but background."""
    if kinds == 1:
        return [int(truth.any())]
    return [int((truth == number).any()) for number in range(1, kinds + 1)]
