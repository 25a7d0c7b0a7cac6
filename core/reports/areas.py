"""Do predicted areas agree with the true ones? In mm², and as ratios between two regions."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from core.reports.agreement import Limits, plot_bland_altman
from core.reports.drawing import Plot
from core.reports.run_folder import GROUP, RunFolder

_FEWEST_SUBJECTS = 3


class Agree(Protocol):
    """Measures the agreement of paired values, as `core.metrics.agreement.bland_altman` does."""

    def __call__(self, ours: ArrayLike, truth: ArrayLike, *, subjects: ArrayLike) -> Limits:
        """Return bias and limits of agreement; subjects tell who each pair is of."""


def area_plots(run: RunFolder, agree: Agree) -> list[Plot]:
    """Return Bland and Altman's plots of the areas that the run knows, a structure each.

    Images in which the structure is not there, or nothing is predicted, give no pair.
    """
    return [*_areas(run, agree), *_ratios(run.area_ratios, agree)]


def _areas(run: RunFolder, agree: Agree) -> list[Plot]:
    """Plot areas in mm², groups apart; nothing where no spacing is known."""
    if not {"spacing_row_mm", "spacing_col_mm"} <= set(run.images):
        return []
    pixel_mm2 = run.images["spacing_row_mm"] * run.images["spacing_col_mm"]
    pairs = run.images.assign(
        truth=run.images["truth_px"] * pixel_mm2,
        prediction=run.images["prediction_px"] * pixel_mm2,
    )
    pairs = pairs[pixel_mm2.notna() & (pairs["outcome"] == "TP")]
    several = len(run.structures) > 1
    plots = []
    for number, structure in enumerate(run.structures, 1):
        quantity = f"Area of {structure}" if several else "Area"
        name = f"areas_{number}" if several else "areas"
        plots += plot_pairs(pairs[pairs["structure"] == structure], agree, quantity, "mm²", name)
    return plots


def _ratios(pairs: pd.DataFrame, agree: Agree) -> list[Plot]:
    """Plot the ratios of areas that area_ratio.csv holds."""
    if pairs.empty:
        return []
    return plot_pairs(
        pairs.dropna(subset=["truth", "prediction"]), agree, "Area ratio", "", "area_ratio"
    )


def plot_pairs(
    pairs: pd.DataFrame, agree: Agree, quantity: str, unit: str, name: str
) -> list[Plot]:
    """Plot the agreement of pairs of a quantity; nothing where too few subjects have any.

    Args:
        pairs: Columns subject, prediction and truth, both known, and maybe the group.
        agree: Measures the agreement.
        quantity: What is measured, such as "Area".
        unit: Its unit; nothing for a ratio.
        name: File name without ending.
    """
    if pairs["subject"].nunique() < _FEWEST_SUBJECTS:
        return []
    ours, truth = (pairs[side].to_numpy(np.float64) for side in ("prediction", "truth"))
    limits = agree(ours, truth, subjects=pairs["subject"].to_numpy())
    groups = pairs[GROUP].tolist() if GROUP in pairs else None
    return [
        plot_bland_altman(
            ours, truth, limits, quantity=quantity, unit=unit, name=name, groups=groups
        )
    ]
