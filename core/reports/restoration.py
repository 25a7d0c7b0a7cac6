"""What a run's restoration is worth: its numbers, every image before and after, and cases."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from core.reports.drawing import INK, OUTCOME_COLOURS, Plot
from core.reports.paired import LEVEL, Side, plot_paired
from core.reports.restored_views import ViewedImage, draw_views
from core.reports.run_folder import RunFolder
from core.reports.tables import Table, mean_and_sd
from core.reports.tiles import Images

_DETAIL: Final = (("detail_change", ".2f", 255.0), ("detail_loss", ".3f", 1.0))


def restored_cases(run: RunFolder, images: Images) -> list[ViewedImage]:
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
        cases.append(ViewedImage(title=title, detail=_in_numbers(row), views=views))
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
    return mean_and_sd(table[column] * scale, form) if column in table else ""


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
    rows = table.dropna(subset=[f"{key}_input", f"{key}_restored"])
    before, after = rows[f"{key}_input"], rows[f"{key}_restored"]
    sides = [
        Side(f"{key}_input", "input"),
        Side(f"{key}_restored", "restored", OUTCOME_COLOURS["TP"]),
        Side(f"{key}_reference", "noise-free", INK, LEVEL),
    ]
    figure = plot_paired(rows, [side for side in sides if side.column in rows], label)
    better = int(((after > before) if key == "psnr" else (after < before)).sum())
    alt = (
        f"{title}, {len(rows)} test images: median {before.median():.2f} {unit} before and "
        f"{after.median():.2f} after; {'higher' if key == 'psnr' else 'lower'} in {better}."
    )
    return Plot(name=f"restoration_{key}", title=title, alt=alt, figure=figure)
