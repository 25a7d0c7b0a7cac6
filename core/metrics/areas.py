"""Areas in mm2, and the ratio of a structure's areas in two regions of one limb.

The median nerve swells at the wrist in carpal tunnel syndrome; the area there over the area in the
forearm is the screening measure that the median nerve paper's images were taken for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from core.checks import nearest, require

SIDES = ("truth", "prediction")


@dataclass(frozen=True, kw_only=True, eq=False)
class AreaRatios:
    """The ratios, and what could not be measured.

    Attributes:
        table: One row a group: the columns of the grouping, `truth_ratio`, and `prediction_ratio`,
            NaN where nothing is predicted in all images of either region.
        left_out: Groups without a true area in either region; they have no row.
        unpredicted: Rows whose `prediction_ratio` is NaN.
    """

    table: pd.DataFrame
    left_out: int
    unpredicted: int


def with_areas(images: pd.DataFrame) -> pd.DataFrame:
    """Return the per-image table with the columns `truth_mm2` and `prediction_mm2` added.

    Args:
        images: One row an image, with `truth_px`, `prediction_px`, `spacing_row_mm` and
            `spacing_col_mm`; where a spacing is NaN so are the areas.

    Raises:
        InputError: If a column is missing.
    """
    _require_columns(
        images, [f"{side}_px" for side in SIDES] + ["spacing_row_mm", "spacing_col_mm"]
    )
    pixel_mm2 = images["spacing_row_mm"] * images["spacing_col_mm"]
    return images.assign(**{f"{side}_mm2": images[f"{side}_px"] * pixel_mm2 for side in SIDES})


def area_ratios(
    images: pd.DataFrame, *, column: str, numerator: str, denominator: str, by: Sequence[str]
) -> AreaRatios:
    """Divide each group's mean area in one region by its mean area in another.

    An image in which nothing is outlined, or nothing predicted, gives no measurement: it is left
    out of the mean rather than counted as 0 mm2.

    Args:
        images: One row an image of one structure, with the columns of `with_areas`, `column` and
            `by`.
        column: Column that tells the regions apart, such as "region".
        numerator: Its value above the line, such as "wrist".
        denominator: Its value below the line, such as "forearm".
        by: Columns whose values make a group, such as subject, hand and device.

    Raises:
        InputError: If a column is missing, or no image is of one of the two regions.
    """
    _require_columns(images, [column, *by])
    for region in (numerator, denominator):
        known = ", ".join(sorted(images[column].astype(str).unique()))
        require((images[column] == region).any(), column, f"'{region}' among its values", known)
    measured = with_areas(images).rename(columns={f"{side}_mm2": side for side in SIDES})
    measured[list(SIDES)] = measured[list(SIDES)].where(measured[list(SIDES)] > 0)
    means = measured.groupby([*by, column], dropna=False)[list(SIDES)].mean().unstack(column)
    ratios = pd.DataFrame(
        {f"{side}_ratio": means[side, numerator] / means[side, denominator] for side in SIDES}
    )
    table = ratios.dropna(subset="truth_ratio").reset_index()
    return AreaRatios(
        table=table,
        left_out=len(ratios) - len(table),
        unpredicted=int(table["prediction_ratio"].isna().sum()),
    )


def _require_columns(images: pd.DataFrame, names: Sequence[str]) -> None:
    """Raise an InputError that names the first column that is missing."""
    for name in names:
        hint = nearest(name, images.columns)
        require(name in images.columns, "images", f"a column '{name}'", f"none{hint}")
