"""Two methods image by image: a scatter plot, and Bland and Altman's plot of their difference."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from core.comparison.boards import Board, common_images
from core.comparison.methods import Method
from core.comparison.scores import method_scores, quantity
from core.reports.agreement import plot_bland_altman
from core.reports.areas import Agree
from core.reports.drawing import INK, MUTED, OUTCOME_COLOURS, Plot, panel
from core.reports.numbers import Spec

_FEWEST_SUBJECTS = 3


def shared_scores(board: Board, first: Method, second: Method) -> pd.DataFrame:
    """Return what two methods come to on each image that both have.

    Returns:
        Indexed by the image's id: subject, first, second; means over each method's repetitions.
    """
    spec = quantity(board.ranked_by)
    ours, theirs = (method_scores(method, spec) for method in (first, second))
    table = ours.rename(columns={"value": "first"}).join(
        theirs["value"].rename("second"), how="inner"
    )
    return table[table.index.isin(common_images(first, second))]


def image_plots(board: Board, first: Method, second: Method, agree: Agree) -> list[Plot]:
    """Draw both plots; nothing where the methods share images of fewer than three subjects."""
    table = shared_scores(board, first, second)
    if table["subject"].nunique() < _FEWEST_SUBJECTS:
        return []
    spec, names = quantity(board.ranked_by), (first.name, second.name)
    ours, theirs = table["first"].to_numpy(float), table["second"].to_numpy(float)
    limits = agree(ours, theirs, subjects=table["subject"])
    differences = plot_bland_altman(
        ours, theirs, limits, quantity=spec.label, unit=spec.unit, sides=names
    )
    title = f"Bland\N{EN DASH}Altman: {names[0]} \N{MINUS SIGN} {names[1]}"
    return [_scatter(table, names, spec), replace(differences, title=title)]


def _scatter(table: pd.DataFrame, names: tuple[str, str], spec: Spec) -> Plot:
    """Draw one method's values over the other's, with the line where both are equal."""
    unit = f" ({spec.unit})" if spec.unit else ""
    figure, axes = panel(f"{names[0]}{unit}", f"{names[1]}{unit}", 4.8, 3.6)
    size, colour = float(np.clip(6000 / len(table), 6, 24)), OUTCOME_COLOURS["TP"]
    axes.scatter(table["first"], table["second"], s=size, c=colour, alpha=0.6, lw=0, zorder=3)
    values = table[["first", "second"]].to_numpy(float)
    ends = [values.min(), values.max()]
    axes.plot(ends, ends, color=INK, lw=1, ls=(0, (5, 3)))
    ahead = [
        int((table[a] > table[b]).sum()) for a, b in (("first", "second"), ("second", "first"))
    ]
    said = f"ahead: {names[0]} on {ahead[0]}, {names[1]} on {ahead[1]} of {len(table)} images"
    axes.set_title(said, fontsize=9, color=MUTED, loc="left", wrap=True)
    title = f"{spec.label} of each image: {names[0]} and {names[1]}"
    return Plot(name="scatter", title=title, alt=f"Scatter plot. {title}; {said}.", figure=figure)
