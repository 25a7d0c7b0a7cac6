"""What a run's restoration is worth: its numbers, every image before and after, and cases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.ticker import MaxNLocator

from core.reports.drawing import INK, MUTED, OUTCOME_COLOURS, RULE, Plot, panel
from core.reports.restored_views import View, draw_views
from core.reports.run_folder import RunFolder
from core.reports.tables import Table
from core.reports.tiles import Images

_DETAIL: Final = (("detail_change", ".2f", 255.0), ("detail_loss", ".3f", 1.0))


@dataclass(frozen=True, kw_only=True)
class RestoredCase:
    """One test image before and after.

    Attributes:
        title: Why it is shown.
        detail: Which image it is, and its numbers.
        views: Ways to see it, the same for all cases.
    """

    title: str
    detail: str
    views: list[View]

    @property
    def detailed(self) -> list[View]:
        """The views that have details."""
        return [view for view in self.views if view.details]


def restored_cases(run: RunFolder, images: Images) -> list[RestoredCase]:
    """Draw the best, the median and the worst image by PSNR gained, or else by edges removed.

    Args:
        run: A run folder; without restoration.csv there are no cases.
        images: Image and true mask by row of the source.

    Raises:
        InputError: If a shown image has no restored image or no prediction.
    """
    if run.restoration.empty:
        return []
    cases = []
    for title, row in _chosen(run.restoration):
        index = int(row["index"])
        image, truth = images(index)
        views = draw_views(run, index, image, truth, run.prediction(index))
        cases.append(RestoredCase(title=title, detail=_in_numbers(row), views=views))
    return cases


def _chosen(table: pd.DataFrame) -> list[tuple[str, pd.Series]]:
    """Return titles and rows, no row twice."""
    by_psnr = bool(table["psnr_restored"].notna().any())
    gain = (
        table["psnr_restored"] - table["psnr_input"]
        if by_psnr
        else 1 - table["edge_restored"] / table["edge_input"]
    )
    order = gain.dropna().sort_values(ascending=False, kind="stable").index
    what = "gain in PSNR" if by_psnr else "removal of edges"
    places = {"Largest": 0, "Median": len(order) // 2, "Smallest": len(order) - 1}
    first = {order[place]: f"{name} {what}" for name, place in reversed(places.items())}
    return [(title, table.loc[row]) for row, title in reversed(first.items())] if len(order) else []


def _in_numbers(row: pd.Series) -> str:
    """Say which image it is and what was measured of it."""
    name = f"Image {row['id']}" + ("" if row["subject"] == row["id"] else f", {row['subject']}")
    parts = [
        f"{label} {row[f'{key}_input']:{form}} to {row[f'{key}_restored']:{form}}{unit}"
        for key, label, form, unit in (
            ("psnr", "PSNR", ".1f", " dB"),
            ("ssim", "SSIM", ".3f", ""),
            ("edge", "edges", ".2f", ""),
        )
        if not np.isnan(row[f"{key}_restored"])
    ]
    return "; ".join([name, *parts])


def restoration_table(run: RunFolder) -> Table | None:
    """Return each measure of input, restored and noise-free images, mean and SD over images."""
    table = run.restoration
    if table.empty:
        return None
    rows = [
        _row(table, "PSNR against noise-free (dB)", "psnr", ".2f"),
        _row(table, "SSIM against noise-free", "ssim", ".4f"),
        _row(table, "Edges between rows (grey levels)", "edge", ".2f"),
    ]
    change, loss = (_spread(table, name, form, scale) for name, form, scale in _DETAIL)
    rows.append(["Change where no stripes are (grey levels)", "0", change, ""])
    rows.append(["The same over that by smoothing", "0", loss, ""])
    columns = ("Measure", "Input", "Restored", "Noise-free")
    known = [row for row in rows if row[2]]
    return Table(columns=columns, rows=known, numeric=frozenset(columns[1:]))


def _row(table: pd.DataFrame, label: str, key: str, form: str) -> list[str]:
    kinds = ("input", "restored", "reference")
    return [label, *(_spread(table, f"{key}_{kind}", form) for kind in kinds)]


def _spread(table: pd.DataFrame, column: str, form: str, scale: float = 1.0) -> str:
    """Return mean ± SD of a column; nothing where it is unknown."""
    values = table[column].dropna() * scale if column in table else pd.Series(dtype=float)
    if values.empty:
        return ""
    spread = f" ± {values.std():{form}}" if len(values) > 1 else ""
    return f"{values.mean():{form}}{spread}"


def restoration_plots(run: RunFolder) -> list[Plot]:
    """Plot every image's PSNR and edges before and after; what is unknown is left out."""
    table = run.restoration
    if table.empty:
        return []
    kinds = (
        ("psnr", "PSNR of each image", "PSNR (dB)", "dB"),
        ("edge", "Edges of each image", "Edges between rows (grey levels)", "grey levels"),
    )
    return [_paired(table, *kind) for kind in kinds if table[f"{kind[0]}_restored"].notna().any()]


def _paired(table: pd.DataFrame, key: str, title: str, label: str, unit: str) -> Plot:
    """Join each image's value before and after, sorted by that before."""
    rows = table.dropna(subset=[f"{key}_input", f"{key}_restored"]).sort_values(f"{key}_input")
    before, after = rows[f"{key}_input"], rows[f"{key}_restored"]
    figure, axes = panel("Test images, sorted by input", label)
    places = np.arange(1, len(rows) + 1)
    size = float(np.clip(1500 / len(rows), 8, 34))
    axes.vlines(places, before, after, color=RULE, lw=min(3, 90 / len(rows)), zorder=1)
    axes.scatter(places, before, s=size, c="white", edgecolor=MUTED, lw=1.2, label="input")
    axes.scatter(places, after, s=size, c=OUTCOME_COLOURS["TP"], lw=0, label="restored", zorder=3)
    if f"{key}_reference" in rows:
        known = rows[f"{key}_reference"]
        axes.scatter(places, known, s=size, c=INK, marker="_", lw=1.4, label="noise-free", zorder=2)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(visible=False, axis="x")
    figure.legend(loc="outside upper left", ncols=3, frameon=False, fontsize=9, labelcolor=INK)
    better = int(((after > before) if key == "psnr" else (after < before)).sum())
    alt = (
        f"{title}, {len(rows)} test images: median {before.median():.2f} {unit} before and "
        f"{after.median():.2f} after; {'higher' if key == 'psnr' else 'lower'} in {better}."
    )
    return Plot(name=f"restoration_{key}", title=title, alt=alt, figure=figure)
