"""Does the predicted curvature of the spine agree with the true one?"""

from __future__ import annotations

import pandas as pd

from core.reports.areas import Agree, plot_pairs
from core.reports.drawing import Plot
from core.reports.run_folder import RunFolder

_SIDES = (
    ("truth_deg", "Spine angle", "spine_angle"),
    ("cobb_deg", "Spine angle against known curve", "spine_angle_known"),
)


def angle_plots(run: RunFolder, agree: Agree) -> list[Plot]:
    """Return Bland and Altman's plots of the angles that spine_angle.csv holds, in degrees.

    The predicted mask's angle is held against the true mask's, and against that of the curve itself
    where the data know it.
    """
    angles = run.spine_angles
    plots = []
    for column, quantity, name in _SIDES:
        if column in angles:
            sides = {"prediction_deg": "prediction", column: "truth"}
            pairs = angles[["subject", *sides]].rename(columns=sides).dropna()
            plots += plot_pairs(pairs, agree, quantity, "°", name)
    return plots


def angle_note(angles: pd.DataFrame) -> str:
    """Say what the angle is, and how many images have none; nothing where none was asked for."""
    if angles.empty:
        return ""
    undefined = int(angles[["truth_deg", "prediction_deg"]].isna().any(axis=1).sum())
    without = f" {undefined} of {len(angles)} images have none." if undefined else ""
    return (
        "The angle between the two most tilted levels of the line between the thoracic and lumbar "
        f"features of either side; no radiographic Cobb angle.{without}"
    )
