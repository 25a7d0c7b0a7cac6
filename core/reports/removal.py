"""What the removal of annotations is worth: its numbers, by scheme and kind, and every image."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from core.reports.drawing import GROUP_COLOURS, GROUP_MARKERS, INK, MUTED, Plot, panel
from core.reports.paired import Side, plot_paired
from core.reports.run_folder import RunFolder
from core.reports.schemes import Scheme, run_schemes
from core.reports.tables import Table, mean_and_sd

MAIN_KINDS: Final = 4
"""Kinds, or sets of kinds, that are drawn by themselves."""
_INPUT: Final = "input"
_MEASURES: Final = (
    ("psnr_hvs_m", "PSNR-HVS-M (dB)", ".2f"),
    ("psnr_hvs_m_untouched", "PSNR-HVS-M where nothing was drawn (dB)", ".2f"),
    ("ssim", "SSIM", ".4f"),
    ("psnr", "PSNR (dB)", ".2f"),
    ("dice", "Dice of the mask", ".3f"),
    ("iou", "IoU of the mask", ".3f"),
    ("accuracy", "Pixel accuracy of the mask", ".4f"),
    ("dice_one_sided", "Dice, one-sided mask", ".3f"),
    ("iou_one_sided", "IoU, one-sided mask", ".3f"),
    ("accuracy_one_sided", "Pixel accuracy, one-sided mask", ".4f"),
)


def kind_labels(table: pd.DataFrame) -> pd.Series:
    """Return what was drawn on each image of removal.csv, in words: "Body marker + label"."""
    return (
        table["kinds"].str.replace("_", " ").str.replace("+", " + ", regex=False).str.capitalize()
    )


def main_kinds(table: pd.DataFrame) -> list[str]:
    """Return the labels of the most frequent kinds or sets of kinds, at most `MAIN_KINDS`."""
    counts = kind_labels(table).value_counts().sort_index()
    return list(counts.sort_values(ascending=False, kind="stable").index[:MAIN_KINDS])


def removal_table(run: RunFolder) -> Table | None:
    """Return each measure of the untouched input and of each scheme, mean and SD over images."""
    if run.removal.empty:
        return None
    sides = {_INPUT: "Input (untouched)", **{each.name: each.label for each in run_schemes(run)}}
    rows = [
        [label, *(_spread(run.removal, f"{measure}/{side}", form) for side in sides)]
        for measure, label, form in _MEASURES
    ]
    columns = ("Measure", *sides.values())
    known = [row for row in rows if any(row[1:])]
    return Table(columns=columns, rows=known, numeric=frozenset(columns[1:]))


def kind_table(run: RunFolder) -> Table | None:
    """Return PSNR-HVS-M and Dice by kind of annotation; None where all images have the same."""
    if run.removal.empty or run.removal["kinds"].nunique(dropna=False) < 2:
        return None
    shown = {"psnr_hvs_m/input": "PSNR-HVS-M (dB), input"}
    shown |= {f"psnr_hvs_m/{each.name}": each.label for each in run_schemes(run)}
    shown |= {f"dice/{each.name}": f"Dice, {each.label}" for each in run_schemes(run)}
    forms = [".3f" if column.startswith("dice") else ".2f" for column in shown]
    rows = [
        [str(kind), str(len(of)), *map(_spread, [of] * len(shown), shown, forms)]
        for kind, of in run.removal.groupby(kind_labels(run.removal))
    ]
    columns = ("Annotation", "Images", *shown.values())
    return Table(columns=columns, rows=rows, numeric=frozenset(columns[1:]))


def _spread(table: pd.DataFrame, column: str, form: str) -> str:
    """Return mean ± SD of what is finite: the PSNR of two equal images is not."""
    return mean_and_sd(table[column].replace(np.inf, np.nan), form) if column in table else ""


def removal_plots(run: RunFolder) -> list[Plot]:
    """Plot every image's PSNR-HVS-M, and its Dice by one scheme against the other's."""
    if run.removal.empty:
        return []
    schemes = run_schemes(run)
    return [_quality(run.removal, schemes), *_duel(run.removal, schemes)]


def _quality(table: pd.DataFrame, schemes: list[Scheme]) -> Plot:
    """Join each image's PSNR-HVS-M untouched and restored."""
    column = "psnr_hvs_m/{}".format
    sides = [Side(column(each.name), each.label, each.colour, each.marker) for each in schemes]
    untouched = Side(column(_INPUT), "input")
    figure = plot_paired(table, [untouched, *sides], "PSNR-HVS-M (dB)")
    before = table[untouched.column]
    said = [
        f"{table[side.column].median():.2f} by {side.label}, "
        f"higher in {int((table[side.column] > before).sum())}"
        for side in sides
    ]
    title = "PSNR-HVS-M of each image"
    alt = f"{title}, {len(table)} test images: median {before.median():.2f} dB untouched; "
    return Plot(name="removal_quality", title=title, alt=alt + "; ".join(said), figure=figure)


def _duel(table: pd.DataFrame, schemes: list[Scheme]) -> list[Plot]:
    """Plot each image's Dice by the one scheme against that by the other; nothing of one alone."""
    if len(schemes) < 2:
        return []
    own, other = schemes
    y, x = (table[f"dice/{each.name}"] for each in schemes)
    figure, axes = panel(f"Dice, {other.label}", f"Dice, {own.label}")
    low = max(0.0, np.floor(10 * min(x.min(), y.min()) - 0.5) / 10)
    axes.plot([low, 1], [low, 1], color=MUTED, lw=1, ls=(0, (4, 3)), zorder=1)
    axes.set(xlim=(low, 1.02), ylim=(low, 1.02))
    kinds, main = kind_labels(table), main_kinds(table)
    size = float(np.clip(4000 / len(table), 10, 34))
    for kind, colour, marker in zip(main, GROUP_COLOURS[2:], GROUP_MARKERS, strict=False):
        at = kinds == kind
        axes.scatter(x[at], y[at], s=size, c=colour, marker=marker, alpha=0.8, lw=0, label=kind)
    if len(rest := kinds.index[~kinds.isin(main)]):
        axes.scatter(x[rest], y[rest], s=size, c=MUTED, marker="x", lw=1, label="Others")
    columns = 3 if max(map(len, main)) < 16 else 1
    figure.legend(
        loc="outside upper left", ncols=columns, frameon=False, fontsize=9, labelcolor=INK
    )
    title = f"Dice of each image, {own.label} against {other.label}"
    alt = f"{title}: {own.label} higher in {int((y > x).sum())}, lower in {int((y < x).sum())} of "
    return [Plot(name="removal_dice", title=title, alt=f"{alt}{len(table)}.", figure=figure)]
