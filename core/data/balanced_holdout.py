"""A split by patients in which views and machines have the same shares in every stage."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.checks import require
from core.data.columns import column_of
from core.data.splits import Split
from core.data.units import Stages, telling_of_links, units_of

Counts = npt.NDArray[Any]

_STAGES: Final = ("train", "val", "test")
_FORBIDDING: Final = 100.0  # more than any draw's misfit otherwise


class BalancedHoldout(Split):
    """Parts the patients at random; of many such draws the one whose stages are most alike.

    As many patients go to each stage as its share says, at least one. A draw is the worse the more
    a stage's shares of the values of each column differ from those of all images, as half the sum
    of differences, summed over columns and stages, and so its own share of images from the wanted
    one. A draw that leaves a value out of a stage is worse than all that do not.

    Args:
        val: Share of the patients for validation, 0 for none.
        test: Share of the patients for testing, 0 for none.
        columns: Whose values are balanced.
        tries: Number of draws.
        seed: Of the draws.

    Raises:
        InputError: If a share is out of range, or there is no column or no draw.

    References:
        D. Pop, LiTH-ISY-EX--20/5288--SE, Section 3.3: 80, 10 and 10 % of the patients, where one
        draw was looked at and found satisfactory.
    """

    def __init__(
        self,
        *,
        val: float = 0.1,
        test: float = 0.1,
        columns: Sequence[str] = ("view", "device"),
        tries: int = 1000,
        seed: int = 0,
    ) -> None:
        for name, share in (("val", val), ("test", test)):
            require(0 <= share < 1, name, "a share from 0 to below 1", share)
        require(val + test < 1, "val and test", "shares that leave some for training", val + test)
        require(len(columns) > 0, "columns", "at least one column to balance", "none")
        require(tries > 0, "tries", "a positive number", tries)
        self.shares = {"val": val, "test": test}
        self.columns, self.tries, self.seed = tuple(columns), tries, seed

    def __call__(self, table: pd.DataFrame) -> Stages:
        """Return the rows of each stage; warns of values that are missing in one.

        Raises:
            InputError: If a column is missing or there are too few patients.
        """
        units = units_of(table, by_subject=True)
        cells = [column_of(table, name, "columns") for name in self.columns]
        with telling_of_links(table):
            dealt = self._draws(int(units.max()) + 1)
        best = self._misfits(dealt, [_counted(units, column) for column in cells]).argmin()
        rows = {stage: np.flatnonzero(dealt[stage][best][units]) for stage in _STAGES}
        for column in cells:
            _warn_of_missing(column, rows, self.tries)
        return rows

    def _draws(self, patients: int) -> dict[str, npt.NDArray[np.bool_]]:
        """Whether each patient is in each stage, (tries, patients) a stage."""
        sizes = {
            stage: share and max(round(share * patients), 1) for stage, share in self.shares.items()
        }
        left = patients - sum(sizes.values())
        require(left > 0, "patients", "one for every stage", patients)
        rng = np.random.default_rng(self.seed)
        places = rng.permuted(np.tile(np.arange(patients), (self.tries, 1)), axis=1)
        ends = np.cumsum([left, *sizes.values()])
        stage_of = np.searchsorted(ends, places, side="right")
        return {stage: stage_of == number for number, stage in enumerate(_STAGES)}

    def _misfits(self, dealt: dict[str, npt.NDArray[np.bool_]], counts: Sequence[Counts]) -> Counts:
        """How unlike its stages are, (tries,); `counts` (patients, values) a column."""
        misfits = np.zeros(self.tries)
        for stage, chosen in dealt.items():
            share = 1 - sum(self.shares.values()) if stage == "train" else self.shares[stage]
            if not share:
                continue
            held = [chosen.astype(np.float64) @ column for column in counts]
            for here, column in zip(held, counts, strict=True):
                whole = column.sum(axis=0)
                ratio = here / here.sum(axis=1, keepdims=True) - whole / whole.sum()
                misfits += np.abs(ratio).sum(axis=1) / 2 + _FORBIDDING * (here == 0).sum(axis=1)
            misfits += np.abs(held[0].sum(axis=1) / counts[0].sum() - share)
        return misfits


def _counted(units: npt.NDArray[np.int64], column: pd.Series[str]) -> Counts:
    """Images of each value of a patient, (patients, values)."""
    codes, values = pd.factorize(column, sort=True)
    counts = np.zeros((units.max() + 1, len(values)))
    np.add.at(counts, (units, codes), 1)
    return counts


def _warn_of_missing(column: pd.Series[str], rows: Stages, tries: int) -> None:
    for stage, places in rows.items():
        missing = sorted(set(column) - set(column.iloc[places]))
        if missing and len(places):
            message = f"no {stage} image of {column.name} {', '.join(missing)}"
            warnings.warn(f"{message} in the best of {tries} draws", stacklevel=3)
