"""Trainings of two methods that never took place: what becomes of a comparison, many times over."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.statistics import compare, nearest_scatter


@dataclass(frozen=True, kw_only=True)
class Trial:
    """How the values of images come about; all spreads in units of a subject's own.

    Attributes:
        subjects: How many are tested, over all folds.
        repetitions: Trainings of each method.
        methods: How many are in the table; the first two are compared.
        folds: Whether a repetition tests its own part of the subjects, instead of all.
        run: Spread of a training's luck, the same for all images.
        run_by_subject: Spread of a training's luck with a subject.
        method_by_subject: Spread of how much better one method is for a subject.
        difference: Of the first two methods, on average.
        elsewhere: How many of another dataset are in the table, too; nothing else is known of them.
        calm: Spread of their trainings' luck, as a share of `run`.
    """

    subjects: int = 12
    repetitions: int = 2
    methods: int = 2
    folds: bool = False
    run: float = 0.5
    run_by_subject: float = 0.5
    method_by_subject: float = 0.3
    difference: float = 0.0
    images: int = 4
    rounded: bool = False
    elsewhere: int = 0
    calm: float = 0.1

    def draw(self, rng):
        """Return values (methods, repetitions, subjects, images), NaN where not tested."""
        m, r, s, i = self.methods, self.repetitions, self.subjects, self.images
        values = rng.normal(size=(1, 1, s, 1)) + rng.normal(size=(1, 1, s, i))
        values = values + rng.normal(0, self.run, (m, r, 1, 1))
        values = values + rng.normal(0, self.run_by_subject, (m, r, s, 1))
        values = values + rng.normal(0, self.method_by_subject, (m, 1, s, 1))
        values = values + rng.normal(0, 0.5, (m, r, s, i))
        values[0] += self.difference
        if self.folds:
            values = values + rng.normal(size=(1, r, 1, 1))  # some folds are harder
            elsewhere = np.arange(s) % r != np.arange(r)[:, None]
            values[:, elsewhere] = np.nan
        return np.maximum(values, 0.5) if self.rounded else values  # half of them are ties

    def compare(self, rng):
        """Draw all trainings once, and compare the first two methods."""
        values = self.draw(rng)
        other = rng.normal(0, self.calm * self.run, (self.elsewhere, self.repetitions))
        runs = pd.DataFrame(np.vstack([np.nanmean(values, axis=(2, 3)), other]))
        scatter = nearest_scatter(runs, range(2), range(self.methods), shared=self.folds)
        return compare(_frame(values[0]), _frame(values[1]), scatter)


def _frame(values):
    run, subject, _ = np.indices(values.shape)
    columns = {"run": run.ravel(), "subject": subject.ravel(), "value": values.ravel()}
    return pd.DataFrame(columns)


def significant(trial, trials, *, seed=0, p="p"):
    """Return the share of trials whose p value is below 0.05."""
    rng = np.random.default_rng(seed)
    return float(np.mean([getattr(trial.compare(rng), p) < 0.05 for _ in range(trials)]))
