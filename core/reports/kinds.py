"""Kinds of notable cases, after the median nerve paper's Fig. 5: a fixed rule for each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import isnan
from typing import Final

import numpy as np
import pandas as pd

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
        of_one: Whether it is about structures of one mass, or two at times, such as a nerve; of
            structures that are many, such as ribs, it says nothing.
    """

    title: str
    note: str
    needs: tuple[str, ...] = ()
    holds: Callable[[pd.DataFrame], pd.Series]
    order: tuple[str, ...]
    numbers: Callable[[pd.Series], str]
    in_empty: bool = False
    of_one: bool = False


def _masses(row: pd.Series) -> str:
    """Return what is known of the true structure where two masses are predicted."""
    said = ["bifid"] if row.get("bifid", False) else []
    if "truth_masses" in row:
        said.append(
            f"truth {row['truth_masses']:.0f} mass{'' if row['truth_masses'] == 1 else 'es'}"
        )
    return ", ".join([*said, f"Dice {row['dice']:.2f}"])


def _far(row: pd.Series) -> str:
    """Return how far off a prediction is that hits nothing."""
    for unit in ("mm", "px"):
        distance = row.get(f"hd_{unit}", np.nan)
        if not isnan(distance):
            return f", HD {distance:.1f} {unit}"
    return ", empty prediction" if row["prediction_px"] == 0 else ""


KINDS: Final = (
    Kind(
        title="Two masses found",
        note="The prediction has two masses and hits the structure, as in a bifid nerve; those "
        "known to be bifid first, then by Dice.",
        needs=("prediction_masses",),
        holds=lambda rows: (rows["prediction_masses"] == 2) & (rows["dice"] > 0),
        order=("bifid", "dice"),
        numbers=_masses,
        of_one=True,
    ),
    Kind(
        title="Ambiguous border",
        note=f"Areas within {100 * _ALIKE:.0f} % of each other and Dice {_DISPUTED[0]:.2f} to "
        f"{_DISPUTED[1]:.2f}: the place is agreed upon, the border is not; the lowest Dice first.",
        holds=lambda rows: rows["growth"].abs().le(_ALIKE) & rows["dice"].between(*_DISPUTED),
        order=("-dice",),
        numbers=lambda row: f"Dice {row['dice']:.2f}, area {100 * row['growth']:+.0f} %",
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
        of_one=True,
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
