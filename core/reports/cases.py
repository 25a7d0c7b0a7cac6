"""Which images a report shows: fixed rules, so that two reports of a run show the same ones."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from math import isnan
from typing import Final

import numpy as np
import pandas as pd

OUTCOMES: Final = {
    "TP": "True positive",
    "FN": "False negative",
    "FP": "False positive",
    "TN": "True negative",
}
SHOWN: Final = 4
"""Images of a group or kind that are shown at most."""

_TYPICAL_QUANTILES: Final = (0.8, 0.6, 0.4, 0.2)
_ALIKE: Final = 0.1  # largest difference of two areas that pass for equal, of the true one
_DISPUTED: Final = (0.75, 0.9)  # Dice: the same place, but not the same border
_INSIDE, _INCOMPLETE = 0.9, 0.75  # precision from, recall below: a part of the structure
_UNEVEN: Final = 0.86  # ellipticity; a rectangle has 0.83


@dataclass(frozen=True, kw_only=True, eq=False)
class Kind:
    """A kind of notable case, after the median nerve paper's Fig. 5.

    Attributes:
        title: Heading.
        note: Its rule, in words.
        needs: Columns of per_image.csv without which nothing can be said.
        holds: Which rows are such cases.
        order: Columns to sort by, those to be shown first with their largest values.
        numbers: What made an image one of them.
        in_empty: Whether it is about images without the structure instead of those with it.
    """

    title: str
    note: str
    needs: tuple[str, ...] = ()
    holds: Callable[[pd.DataFrame], pd.Series]
    order: tuple[str, ...]
    numbers: Callable[[pd.Series], str]
    in_empty: bool = False


KINDS: Final = (
    Kind(
        title="Two masses found",
        note="The prediction has two masses and hits the structure, as in a bifid nerve; those "
        "known to be bifid first, then by Dice.",
        needs=("prediction_masses",),
        holds=lambda rows: (rows["prediction_masses"] == 2) & (rows["dice"] > 0),
        order=("bifid", "dice"),
        numbers=lambda row: (
            f"{'bifid' if row.get('bifid') is True else 'two masses'}, Dice {row['dice']:.2f}"
        ),
    ),
    Kind(
        title="Ambiguous border",
        note=f"Areas within {_ALIKE:.0%} of each other and Dice {_DISPUTED[0]:.2f} to "
        f"{_DISPUTED[1]:.2f}: the place is agreed upon, the border is not; the lowest Dice first.",
        holds=lambda rows: rows["growth"].abs().le(_ALIKE) & rows["dice"].between(*_DISPUTED),
        order=("-dice",),
        numbers=lambda row: f"Dice {row['dice']:.2f}, area {row['growth']:+.0%}",
    ),
    Kind(
        title="Found in part",
        note=f"The prediction lies within the structure (precision {_INSIDE:.2f} or more) and "
        f"leaves much of it out (recall below {_INCOMPLETE:.2f}); the lowest recall first.",
        needs=("precision", "recall"),
        holds=lambda rows: (rows["precision"] >= _INSIDE) & (rows["recall"] < _INCOMPLETE),
        order=("-recall",),
        numbers=lambda row: f"precision {row['precision']:.2f}, recall {row['recall']:.2f}",
    ),
    Kind(
        title="Not elliptical",
        note=f"One mass whose overlap (IoU) with its own ellipse is below {_UNEVEN:.2f}; that of a "
        "rectangle is 0.83. The least elliptical first.",
        needs=("prediction_ellipticity", "prediction_masses"),
        holds=lambda rows: (
            (rows["prediction_ellipticity"] < _UNEVEN)
            & (rows["prediction_masses"] == 1)
            & (rows["dice"] > 0)
        ),
        order=("-prediction_ellipticity",),
        numbers=lambda row: (
            f"ellipticity {row['prediction_ellipticity']:.2f}, Dice {row['dice']:.2f}"
        ),
    ),
    Kind(
        title="Missed",
        note="No pixel of the structure is found (zero overlap); the largest first.",
        holds=lambda rows: rows["dice"] == 0,
        order=("truth_px",),
        numbers=lambda row: f"0 of {row['truth_px']:.0f} px{_far(row)}",
    ),
    Kind(
        title="Made up",
        note="The structure is not there and something is predicted; the largest first.",
        holds=lambda rows: rows["prediction_px"] > 0,
        order=("prediction_px",),
        numbers=lambda row: f"{row['prediction_px']:.0f} px predicted",
        in_empty=True,
    ),
    Kind(
        title="Lowest Dice",
        note="The lowest Dice among all others that hit the structure.",
        holds=lambda rows: rows["dice"] > 0,
        order=("-dice",),
        numbers=lambda row: f"Dice {row['dice']:.2f}",
    ),
)


def choose_typical(images: pd.DataFrame, count: int = SHOWN) -> pd.DataFrame:
    """Choose typical outlines: nearest the 80th, 60th, 40th and 20th percentile of Dice.

    Args:
        images: One row a test image: index, subject, outcome, dice.
        count: How many at most, up to four.

    Returns:
        Rows where truth and prediction are non-empty, of different subjects as far as there are.
    """
    found = images[images["outcome"] == "TP"].sort_values("index")
    chosen: list[Hashable] = []
    for quantile in _TYPICAL_QUANTILES[: min(count, len(found))]:
        rest = found.drop(index=chosen)
        new = rest[~rest["subject"].isin(found.loc[chosen, "subject"])]
        candidates = rest if new.empty else new
        level = float(found["dice"].quantile(quantile))
        chosen.append((candidates["dice"] - level).abs().idxmin())
    return found.loc[chosen]


def choose_notable(images: pd.DataFrame, count: int = SHOWN) -> Iterator[tuple[Kind, pd.DataFrame]]:
    """Choose cases of each kind; an image is shown once, as the first kind that it belongs to.

    Args:
        images: One row a test image: index, subject, dice, truth_px, prediction_px, and whatever
            the kinds need; its row labels are unique.
        count: How many of a kind at most.

    Returns:
        Each kind that the columns and the images can have, with its rows, maybe none; `growth` is
        added to them: predicted over true area, minus 1.
    """
    known = images.assign(
        growth=images["prediction_px"] / images["truth_px"].replace(0, np.nan) - 1
    )
    taken: list[Hashable] = []
    notable = []
    for kind in KINDS:
        among = known[(known["truth_px"] == 0) == kind.in_empty]
        if len(among) and set(kind.needs) <= set(known):
            cases = among[kind.holds(among)].drop(index=taken, errors="ignore")
            chosen = _of_different_subjects(_sorted(cases, kind.order), count)
            taken += list(chosen.index)
            notable.append((kind, chosen))
    return notable


def _sorted(rows: pd.DataFrame, order: tuple[str, ...]) -> pd.DataFrame:
    """Sort by those columns that there are, large values first, or small ones after a minus."""
    keys = [key for key in order if key.lstrip("-") in rows]
    columns = [key.lstrip("-") for key in keys]
    return rows.sort_values(
        [*columns, "index"], ascending=[*(key.startswith("-") for key in keys), True]
    )


def _of_different_subjects(rows: pd.DataFrame, count: int) -> pd.DataFrame:
    """Return the first rows, one a subject while there are subjects: frames of a film are alike."""
    repeated = rows["subject"].duplicated()
    chosen = pd.concat([rows[~repeated], rows[repeated]]).head(count).index
    return rows[rows.index.isin(chosen)]


def _far(row: pd.Series) -> str:
    """Return how far off a prediction is that hits nothing."""
    for unit in ("mm", "px"):
        distance = row.get(f"hd_{unit}", np.nan)
        if not isnan(distance):
            return f", HD {distance:.1f} {unit}"
    return ", empty prediction" if row["prediction_px"] == 0 else ""
