"""Which images a report shows: fixed rules, so that two reports of a run show the same ones."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final

import numpy as np
import pandas as pd

from core.reports.kinds import KINDS, Kind

OUTCOMES: Final = {
    "TP": "True positive",
    "FN": "False negative",
    "FP": "False positive",
    "TN": "True negative",
}
SHOWN: Final = 4
"""Images of a group or kind that are shown at most."""

_TYPICAL_QUANTILES: Final = (0.8, 0.6, 0.4, 0.2)


def choose_typical(images: pd.DataFrame) -> pd.DataFrame:
    """Choose typical outlines: nearest the 80th, 60th, 40th and 20th percentile of Dice.

    Args:
        images: One row a test image: index, subject, outcome, dice.

    Returns:
        Up to four rows where truth and prediction are non-empty, of different subjects while there
        are any.
    """
    found = images[images["outcome"] == "TP"].sort_values("index")
    chosen: list[Hashable] = []
    for quantile in _TYPICAL_QUANTILES[: len(found)]:
        rest = found.drop(index=chosen)
        new = rest[~rest["subject"].isin(found.loc[chosen, "subject"])]
        candidates = rest if new.empty else new
        level = float(found["dice"].quantile(quantile))
        chosen.append((candidates["dice"] - level).abs().idxmin())
    return found.loc[chosen]


def choose_notable(images: pd.DataFrame) -> list[tuple[Kind, pd.DataFrame]]:
    """Choose cases of each kind; an image is shown once, as the first kind that it belongs to.

    Args:
        images: One row a test image: index, subject, dice, truth_px, prediction_px, and whatever
            the kinds need; its row labels are unique.

    Returns:
        Each kind that the columns and the images can have, with up to four rows, maybe none; they
        get a column `growth`, predicted over true area minus 1.
    """
    known = images.assign(
        growth=images["prediction_px"] / images["truth_px"].replace(0, np.nan) - 1
    )
    taken: list[Hashable] = []
    notable = []
    for kind in KINDS:
        among = known[(known["truth_px"] == 0) == kind.in_empty]
        if len(among) and _is_applicable(kind, known):
            cases = among[kind.holds(among)].drop(index=taken, errors="ignore")
            chosen = _of_different_subjects(_sorted(cases, kind.order))
            taken += list(chosen.index)
            notable.append((kind, chosen))
    return notable


def _is_applicable(kind: Kind, rows: pd.DataFrame) -> bool:
    """Whether there are the columns that a kind needs, and structures of its sort."""
    of_many = "truth_masses" in rows and rows["truth_masses"].median() > 2
    known = rows.reindex(columns=list(kind.needs)).notna().any().all()
    return bool(known) and not (kind.of_one and of_many)


def _sorted(rows: pd.DataFrame, order: tuple[str, ...]) -> pd.DataFrame:
    """Sort by those columns that there are, large values first, or small ones after a minus."""
    keys = [key for key in order if key.lstrip("-") in rows]
    columns = [key.lstrip("-") for key in keys]
    return rows.sort_values(
        [*columns, "index"], ascending=[*(key.startswith("-") for key in keys), True]
    )


def _of_different_subjects(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the first rows, one a subject while there are subjects: frames of a film are alike."""
    repeated = rows["subject"].duplicated()
    chosen = pd.concat([rows[~repeated], rows[repeated]]).head(SHOWN).index
    return rows[rows.index.isin(chosen)]
