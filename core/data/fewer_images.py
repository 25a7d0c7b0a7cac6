"""Training on fewer labelled images of each class, validated and tested on the same as ever."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.checks import require
from core.data.columns import column_of
from core.data.splits import Split
from core.data.units import Stages


class FewerImages(Split):
    """Another split of whose training images only a share is left; val and test stay as they are.

    Images are taken from each class by itself, in an order drawn by the seed, at least one of each:
    classes keep their shares, and the images of a smaller share are among those of a larger one.
    `images_per_epoch` of the data makes trainings on all shares equally long.

    Args:
        split: Says which rows each stage would have.
        share: Of the training rows of each class, above 0; 1 leaves them all.
        column: The class.
        seed: Of the order of images.

    Raises:
        InputError: If the share is not above 0 and at most 1.

    References:
        D. Pop, LiTH-ISY-EX--20/5288--SE, Section 4.4. `FewerLabels` takes whole subjects instead.
    """

    def __init__(self, *, split: Split, share: float, column: str = "view", seed: int = 0) -> None:
        require(0 < share <= 1, "share", "above 0 and at most 1", share)
        self.split, self.share, self.column, self.seed = split, share, column, seed

    def __call__(self, table: pd.DataFrame) -> Stages:
        """Return the rows of each stage.

        Raises:
            InputError: If there is no such column.
        """
        stages = self.split(table)
        rows = stages["train"]
        classes = column_of(table, self.column, "column").to_numpy()[rows]
        rng, kept = np.random.default_rng(self.seed), []
        for name in np.unique(classes):
            order = rng.permutation(rows[classes == name])
            kept.append(order[: max(round(self.share * len(order)), 1)])
        return {**stages, "train": np.sort(np.concatenate(kept))}
