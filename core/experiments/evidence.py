"""What tested runs give to compare the rows of an experiment with."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from math import isnan

import pandas as pd

from core.checks import InputError
from core.experiments.claims import FIXED, TIMED, Claim, Pair
from core.experiments.spec import Done, Values, label
from core.experiments.values import image_values, run_value
from core.statistics import (
    Comparison,
    RunScatter,
    compare,
    compare_runs,
    nearest_scatter,
    share_repetitions,
)
from core.statistics.comparison import FEWEST_SUBJECTS
from core.statistics.scatter import NONE


class Evidence:
    """What the tested runs give to compare with; each file is read once.

    Attributes:
        done: The runs.
        images: `image_values`, kept once asked for.
        value: `run_value`, likewise.
    """

    def __init__(self, done: Sequence[Done]) -> None:
        self.done = done
        self.shared = share_repetitions(one.repeat for one in done)  # such as folds
        self.images = cache(image_values)
        self.value = cache(run_value)

    def compare(self, claim: Claim, pair: Pair) -> Comparison:
        """Compare two sides of rows.

        Raises:
            InputError: If there is too little to compare with, in so many words.
        """
        if claim.metric in TIMED:
            raise InputError("times of runs that shared a machine are no test")
        sides = self._sides(pair)
        first, second = ([self.value(one.run, claim.metric) for one in side] for side in sides)
        if any(map(isnan, [*first, *second])):
            raise InputError(f"{claim.metric} is undefined in some of the runs")
        if claim.metric in FIXED:
            return compare_runs(first, second, NONE, factor=claim.factor)
        scatter = self._scatter(claim.metric, pair)
        if isnan(scatter.variance):
            raise InputError("trained once each: how much trainings scatter is unknown")
        frames = [self._frame(side, claim.metric) for side in sides]
        if frames[0] is None or frames[1] is None:
            return compare_runs(first, second, scatter, factor=claim.factor)
        found = compare(frames[0], frames[1], scatter, factor=claim.factor)
        if found.subjects < FEWEST_SUBJECTS:
            few = f"{found.subjects} test subjects: fewer than {FEWEST_SUBJECTS} prove nothing"
            raise InputError(few)
        return found

    def _sides(self, pair: Pair) -> list[list[Done]]:
        """Return the runs of both sides, of the repetitions that both have where they share any."""
        sides = [[one for one in self.done if one.row in rows] for rows in pair]
        for side, rows in zip(sides, pair, strict=True):
            for row in rows:
                if not any(one.row == row for one in side):
                    raise InputError(f"no tested run of {label(row)}")
        repeats = [{str(one.repeat) for one in side} for side in sides]
        common = repeats[0] & repeats[1] or repeats[0] | repeats[1]
        return [[one for one in side if str(one.repeat) in common] for side in sides]

    def _scatter(self, metric: str, pair: Pair) -> RunScatter:
        """Return the scatter of these rows' trainings, or if they are few, of rows like them."""
        alike = [str(one.row) for one in self.done if _is_alike(one.row, pair)]
        own = [str(row) for row in (*pair[0], *pair[1])]
        return nearest_scatter(self._table(metric), own, alike, shared=self.shared)

    def _table(self, metric: str) -> pd.DataFrame:
        """Return values by row and repetition."""
        cells = [(str(d.row), str(d.repeat), self.value(d.run, metric)) for d in self.done]
        frame = pd.DataFrame(cells, columns=["row", "repeat", "value"])
        return frame.pivot_table(index="row", columns="repeat", values="value")

    def _frame(self, side: Sequence[Done], metric: str) -> pd.DataFrame | None:
        """Return the values of images of these runs; None where the metric is no mean of such."""
        parts = [self.images(one.run, metric) for one in side]
        named = [
            part.assign(run=str(one.run))
            for one, part in zip(side, parts, strict=True)
            if part is not None
        ]
        return pd.concat(named) if len(named) == len(side) else None


def _is_alike(row: Values, pair: Pair) -> bool:
    """Whether a row agrees with both sides in what they share, such as the dataset."""
    for axis in pair[0][0]:
        first, second = ([own.get(axis) for own in side] for side in pair)
        shared = all(value in second for value in first) and all(v in first for v in second)
        if shared and row.get(axis) not in first:
            return False
    return True
