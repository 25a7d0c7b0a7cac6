"""From images to sequences: all images of a cine decide on its class together."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.checks import require
from core.metrics.classification import PROBABILITY

_KNOWN = ("subject", "device")


def sequence_votes(rows: pd.DataFrame) -> pd.DataFrame:
    """Decide on each sequence's class in two ways, from what was said of its images.

    By majority: the class that most images are given; among classes with as many votes, the one of
    the highest mean probability. By mean probability: the class whose probability, averaged over
    the images, is highest. What is still equal goes to the first class.

    Args:
        rows: One row an image: sequence, truth, predicted and `p/<class>` for every class, in 0..1;
            maybe subject and device.

    Returns:
        One row a sequence, sorted: sequence, subject and device if known, frames (how many), truth,
        majority, mean_probability, and correct_majority and correct_mean_probability, 0 or 1.

    Raises:
        InputError: If a column is missing, or the images of a sequence are of different classes.

    References:
        Madani et al., npj Digital Medicine 2018;1:6, vote by majority over the images of a video;
        the thesis, Section 3.4.3.
    """
    missing = {"sequence", "truth", "predicted"} - set(rows)
    require(not missing, "rows", "columns sequence, truth and predicted", ", ".join(map(str, rows)))
    columns = [name for name in map(str, rows) if name.startswith(PROBABILITY)]
    classes = np.array([name.removeprefix(PROBABILITY) for name in columns])
    of = rows.groupby("sequence", sort=True)
    mixed = of["truth"].nunique().loc[lambda kinds: kinds > 1]
    require(mixed.empty, f"sequence {next(iter(mixed.index), '')}", "images of one class")
    means = of[columns].mean().to_numpy()
    votes = pd.crosstab(rows["sequence"], rows["predicted"]).reindex(columns=classes, fill_value=0)
    known = of[[*(name for name in _KNOWN if name in rows), "truth"]].first()
    decided = known.assign(
        frames=of.size(),
        majority=classes[_most_voted(votes.to_numpy(), means)],
        mean_probability=classes[means.argmax(axis=1)],
    )
    for way in ("majority", "mean_probability"):
        decided[f"correct_{way}"] = (decided[way] == decided["truth"]).astype(int)
    before = [name for name in known if name != "truth"]
    return decided.reset_index()[["sequence", *before, "frames", "truth", *decided.columns[-4:]]]


def sequence_accuracy(votes: pd.DataFrame) -> dict[str, float]:
    """Return the share of sequences that are decided rightly, 0..1; NaN without any.

    Args:
        votes: As `sequence_votes` gives them.

    Returns:
        `sequence_accuracy`, by majority, and `sequence_accuracy_mean_probability`.
    """
    return {
        "sequence_accuracy": float(votes["correct_majority"].mean()),
        "sequence_accuracy_mean_probability": float(votes["correct_mean_probability"].mean()),
    }


def _most_voted(votes: NDArray[np.int64], means: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return which class has most votes, of equals that of the highest mean probability."""
    leads = votes == votes.max(axis=1, keepdims=True)
    return np.asarray(np.where(leads, means, -1.0).argmax(axis=1))
