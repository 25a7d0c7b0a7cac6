"""Training on fewer labelled subjects, validated and tested on the same images as ever."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.checks import require
from core.data.splits import Split
from core.data.units import Stages


class FewerLabels(Split):
    """Another split of whose training rows only a share is left; val and test stay as they are.

    Whole subjects are taken, in an order drawn by the seed, until the rows are nearest to the
    share; at least one. The subjects of a smaller share are therefore among those of a larger one.

    Args:
        split: Says which rows each stage would have.
        share: Of the training rows, above 0; 1 leaves them all.
        seed: Of the order of subjects.

    Raises:
        InputError: If the share is not above 0 and at most 1.
    """

    def __init__(self, *, split: Split, share: float, seed: int = 0) -> None:
        require(0 < share <= 1, "share", "above 0 and at most 1", share)
        self.split, self.share, self.seed = split, share, seed

    def __call__(self, table: pd.DataFrame) -> Stages:
        """Return the rows of each stage."""
        stages = self.split(table)
        rows = stages["train"]
        subjects, _ = pd.factorize(table["subject"].iloc[rows])
        sizes = np.bincount(subjects)
        order = np.random.default_rng(self.seed).permutation(len(sizes))
        reached = np.cumsum(sizes[order])
        last = np.abs(reached - self.share * len(rows)).argmin()
        return {**stages, "train": rows[np.isin(subjects, order[: last + 1])]}
