"""Which rows of a source are for training, validation and testing.

Splits go by subject: all images of a person stay on one side, and so do images that belong together
for another reason; `core.data.units` says which.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from itertools import chain
from typing import Literal, get_args

import numpy as np
import pandas as pd

from core.checks import nearest, require
from core.data.units import (
    Rows,
    Stages,
    balanced,
    deal,
    require_apart,
    telling_of_links,
    units_of,
    without_twins,
)

By = Literal["subject", "image"]


class Split(ABC):
    """Maps a source's table to sorted, disjoint row numbers by stage: train, val and test."""

    @abstractmethod
    def __call__(self, table: pd.DataFrame) -> Stages:
        """Return the rows of each stage; the same for the same table and arguments."""


class HoldoutSplit(Split):
    """Parts the images at random, by shares.

    Whole subjects are dealt out until a stage comes closest to its share of the images; each stage
    gets at least one.

    Args:
        val: Share of all images for validation, 0 for none.
        test: Share of all images for testing, 0 for none.
        seed: Of the draw.
        by: "subject" keeps a subject's images together; "image" parts them, so that testing is on
            people that were trained on.
    """

    def __init__(
        self, *, val: float = 0.16, test: float = 0.2, seed: int = 0, by: By = "subject"
    ) -> None:
        _check_shares(val, test, by)
        self.val, self.test, self.seed, self.by = val, test, seed, by

    def __call__(self, table: pd.DataFrame) -> Stages:
        """Return the rows of each stage."""
        units = units_of(table, self.by == "subject")
        order = np.random.default_rng(self.seed).permutation(units.max() + 1)
        with telling_of_links(table):
            test, rest = deal(order, units, self.test, "test")
            val, train = deal(rest, units, self.val, "val")
            return _stages(units, train, val, test, self.by)


class KFoldSplit(Split):
    """One fold of a cross-validation; over all folds each image is tested on once.

    Args:
        folds: Number of folds; each is a test set of about 1 / folds of the images.
        fold: Which of them, from 0.
        val: Share of all images for validation, 0 for none.
        seed: Of the draw; must be the same for all folds.
        by: As in `HoldoutSplit`.
    """

    def __init__(
        self, *, folds: int = 5, fold: int = 0, val: float = 0.16, seed: int = 0, by: By = "subject"
    ) -> None:
        require(folds >= 2, "folds", "at least 2", folds)
        require(0 <= fold < folds, "fold", f"0 to {folds - 1}", fold)
        _check_shares(val, 1 / folds, by)
        self.folds, self.fold, self.val, self.seed, self.by = folds, fold, val, seed, by

    def __call__(self, table: pd.DataFrame) -> Stages:
        """Return the rows of each stage."""
        units = units_of(table, self.by == "subject")
        count = units.max() + 1
        with telling_of_links(table):
            wanted = f"at most {count}, one {self.by} each"
            require(count >= self.folds, "folds", wanted, self.folds)
        rng = np.random.default_rng(self.seed)
        fold_of = balanced(rng.permutation(count), units, self.folds)
        order = rng.permutation(count)
        val, train = deal(order[fold_of[order] != self.fold], units, self.val, "val")
        return _stages(units, train, val, np.flatnonzero(fold_of == self.fold), self.by)


class ColumnSplit(Split):
    """Stages by a column: a published split, or training on these devices and testing on those.

    An image that is equal to one of a later stage (train, val, test in this order), or in a group
    with it, is left out, and a warning says so. Rows with other values are in no stage.

    Args:
        column: The column.
        train: Values for training.
        val: Values for validation; none to take val_share of the training images instead.
        test: Values for testing.
        val_share: Share of the training images that become validation, where val names none.
        seed: Of the draw of these.
        by: "subject" refuses a subject on two sides; "image" allows it.
    """

    def __init__(
        self,
        *,
        column: str = "split",
        train: Sequence[str] = ("train",),
        val: Sequence[str] = (),
        test: Sequence[str] = ("test",),
        val_share: float = 0.2,
        seed: int = 0,
        by: By = "subject",
    ) -> None:
        _check_shares(val_share, 0.0, by)
        values = [*train, *val, *test]
        once = len(set(values)) == len(values)
        require(once, f"column '{column}'", "each value in one stage", ", ".join(values))
        self.column, self.val_share, self.seed, self.by = column, val_share, seed, by
        self.values = {"train": list(train), "val": list(val), "test": list(test)}

    def __call__(self, table: pd.DataFrame) -> Stages:
        """Return the rows of each stage.

        Raises:
            InputError: If the column or a value is not there, or a subject is on two sides.
        """
        stages = self._by_value(table)
        if self.by == "subject":
            require_apart(table["subject"], stages)
        stages = without_twins(table, stages)
        if not self.values["val"]:
            stages["train"], stages["val"] = self._parted(table, stages["train"])
        for stage in [stage for stage, values in self.values.items() if values]:
            require(len(stages[stage]), stage, "at least one image", "none")
        return stages

    def _by_value(self, table: pd.DataFrame) -> Stages:
        hint = f"a column of the table{nearest(self.column, table.columns)}"
        got = ", ".join(table.columns)
        require(self.column in table, f"column '{self.column}'", hint, got)
        cells = table[self.column].astype(str)
        present = sorted(cells.unique())
        for value in chain(*self.values.values()):
            hint = f"a value of column '{self.column}'{nearest(value, present)}"
            require(value in present, f"'{value}'", hint, ", ".join(present[:10]))
        return {stage: np.flatnonzero(cells.isin(values)) for stage, values in self.values.items()}

    def _parted(self, table: pd.DataFrame, rows: Rows) -> tuple[Rows, Rows]:
        """Take the validation rows out of the training ones."""
        holdout = HoldoutSplit(val=self.val_share, test=0, seed=self.seed, by=self.by)
        parts = holdout(table.iloc[rows])
        return rows[parts["train"]], rows[parts["val"]]


def _check_shares(val: float, test: float, by: str) -> None:
    for name, share in (("val", val), ("test", test)):
        require(0 <= share < 1, name, "a share from 0 to below 1", share)
    require(val + test < 1, "val and test", "shares that leave some for training", val + test)
    require(by in get_args(By), "by", " or ".join(get_args(By)), by)


def _stages(units: Rows, train: Rows, val: Rows, test: Rows, by: By) -> Stages:
    """Turn units into sorted rows."""
    got = f"none: {units.max() + 1} are too few"
    require(len(train), "train", f"at least one {by}", got)
    parts = {"train": train, "val": val, "test": test}
    return {stage: np.flatnonzero(np.isin(units, part)) for stage, part in parts.items()}
