"""What a run comes to on each single image, as the page draws it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import pandas as pd

from core.comparison.methods import Method, values_of
from core.comparison.read import TestedRun
from core.reports.numbers import Spec
from core.reports.run_folder import PROBABILITY

_ACCURACY: Final = "test/accuracy"


def quantity(ranked_by: Spec) -> Spec:
    """Return what is drawn of an image where runs are ranked by this metric.

    An answer is right or wrong: more is seen of how probable the true class was held.
    """
    if ranked_by.metric == _ACCURACY:
        return Spec(_ACCURACY, "Probability of the true class", 2)
    return ranked_by


def run_scores(run: TestedRun, spec: Spec) -> pd.DataFrame:
    """Return subject and value of each test image, by id; the mean over an image's structures."""
    if spec.metric == _ACCURACY:
        rows = run.folder.classified
        held = [row[f"{PROBABILITY}{row['truth']}"] for row in rows.to_dict("records")]
        return _by_id([rows[["id", "subject"]].assign(value=held)])
    known = values_of(run.root, spec.metric)
    return _by_id([] if known is None else [known])


def method_scores(method: Method, spec: Spec) -> pd.DataFrame:
    """Return subject and value of each test image, by id; the mean over repetitions."""
    return _by_id(run_scores(run, spec).reset_index() for run in method.runs)


def _by_id(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    every = [part for part in parts if len(part)]
    if not every:
        return pd.DataFrame(columns=["subject", "value"])
    rows = pd.concat(every).astype({"id": str, "subject": str})
    return rows.groupby("id").agg({"subject": "first", "value": "mean"})
