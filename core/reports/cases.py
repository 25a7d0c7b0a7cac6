"""Which images a report shows: a fixed choice, so that two reports of a run are the same."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final

import pandas as pd

OUTCOMES: Final = {
    "TP": "True positive",
    "FN": "False negative",
    "FP": "False positive",
    "TN": "True negative",
}
_TYPICAL_QUANTILES: Final = (0.5, 0.75, 0.25)


def choose_examples(images: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Choose up to three images of each outcome that has something to show.

    True positives are typical: nearest the median and the quartiles of their Dice. Of the misses
    and the false alarms the largest are taken, those that a reader would least forgive.

    Args:
        images: One row a test image: index, subject, outcome, dice, truth_px, prediction_px.

    Returns:
        Rows for "TP", "FN" and "FP", in the order they are to be shown; no rows where none is.
    """
    found, missed, made_up = (images[images["outcome"] == name] for name in ("TP", "FN", "FP"))
    return {
        "TP": _typical(found),
        "FN": _largest(missed, "truth_px"),
        "FP": _largest(made_up, "prediction_px"),
    }


def choose_worst(images: pd.DataFrame, count: int) -> pd.DataFrame:
    """Choose the outlines that agree least: lowest Dice where truth and prediction are non-empty.

    Args:
        images: One row a test image: index, subject, outcome, dice.
        count: How many at most.

    Returns:
        The chosen rows, the worst first.
    """
    found = images[images["outcome"] == "TP"]
    return _of_different_subjects(found.sort_values(["dice", "index"]), count)


def _largest(rows: pd.DataFrame, area: str) -> pd.DataFrame:
    """Return three rows with the largest areas."""
    return _of_different_subjects(rows.sort_values([area, "index"], ascending=[False, True]), 3)


def _of_different_subjects(rows: pd.DataFrame, count: int) -> pd.DataFrame:
    """Return the first rows, one a subject while there are subjects: frames of a film are alike."""
    repeated = rows["subject"].duplicated()
    chosen = pd.concat([rows[~repeated], rows[repeated]]).head(count).index
    return rows[rows.index.isin(chosen)]


def _typical(found: pd.DataFrame) -> pd.DataFrame:
    """Return the rows nearest the median and the quartiles of Dice, each row once."""
    rows = found.sort_values("index")
    chosen: list[Hashable] = []
    for quantile in _TYPICAL_QUANTILES[: len(rows)]:
        distance = (rows["dice"] - float(rows["dice"].quantile(quantile))).abs().drop(chosen)
        chosen.append(distance.idxmin())
    return rows.loc[chosen]
