"""The table by group of images and structure: mean and scatter over images, as in Table 2."""

from __future__ import annotations

from typing import Final, NamedTuple

import pandas as pd

from core.reports.numbers import ABSENT
from core.reports.roc import ALL
from core.reports.run_folder import GROUP, RunFolder
from core.reports.tables import Table, mean_and_sd

_ALL_NAME: Final = "All"


class _Measure(NamedTuple):
    """A column of per_image.csv and how it is shown."""

    column: str
    heading: str
    decimals: int


_MEASURES: Final = (
    _Measure("precision", "Precision", 3),
    _Measure("recall", "Recall", 3),
    _Measure("dice", "Dice", 3),
    _Measure("hd_px", "HD (px)", 1),
    _Measure("hd_mm", "HD (mm)", 2),
)


def group_table(run: RunFolder) -> Table | None:
    """Return a row for each structure and group, and one for all images of a structure.

    Mean and standard deviation over images where the measure is defined. None where there is
    neither a group nor more than one structure.
    """
    names = [
        *(["Structure"] if len(run.structures) > 1 else []),
        *(["Group"] if run.groups else []),
    ]
    if not names:
        return None
    shown = [m for m in _MEASURES if m.column in run.images and run.images[m.column].notna().any()]
    area = ["AUC"] if len(run.roc) else []
    numeric = ["Images", *(m.heading for m in shown), *area, "Zero overlap"]
    rows = []
    for structure in run.structures:
        for name, group, images in _groups(run, structure):
            named = {"Structure": structure, "Group": name}
            auc = [_area(run.roc, structure, group)] if area else []
            cells = [mean_and_sd(images[m.column], f".{m.decimals}f") or ABSENT for m in shown]
            row = [named[heading] for heading in names]
            rows.append([*row, str(len(images)), *cells, *auc, _missed(images)])
    return Table(columns=(*names, *numeric), rows=rows, numeric=frozenset(numeric))


def _groups(run: RunFolder, structure: str) -> list[tuple[str, str, pd.DataFrame]]:
    """Return shown name, name in roc.csv and rows of each group, those of all images last."""
    images = run.images[run.images["structure"] == structure]
    named = [(group, group, images[images[GROUP] == group]) for group in run.groups]
    return [*named, (_ALL_NAME, ALL, images)] if len(named) != 1 else named


def _missed(images: pd.DataFrame) -> str:
    """Return the share of the images with the structure of which no pixel is found."""
    present = images[images["truth_px"] > 0]
    return f"{100 * (present['dice'] == 0).mean():.1f} %" if len(present) else ABSENT


def _area(roc: pd.DataFrame, structure: str, group: str) -> str:
    """Return the area under a curve."""
    points = roc[(roc["structure"] == structure) & (roc["group"] == group)]
    return f"{points['auc'].iloc[0]:.4f}" if len(points) else ABSENT
