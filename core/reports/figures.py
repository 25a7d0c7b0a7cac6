"""The figures of a report: one panel each, so that they reflow on narrow screens."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

from core.reports.cases import OUTCOMES
from core.reports.drawing import (
    INK,
    OUTCOME_COLOURS,
    Plot,
    curve,
    mark_epoch,
    panel,
    quartile_lines,
    scatter_dice,
)

_MOST_NAMED_SUBJECTS: Final = 24


def plot_loss(epochs: pd.DataFrame) -> Plot:
    """Plot training and validation loss over epochs; columns epoch, train/loss, val/loss."""
    figure, _, alt = _stages(epochs, "loss")
    return Plot(name="loss", title="Loss", alt=f"{alt}.", figure=figure)


def plot_accuracy(epochs: pd.DataFrame, best_epoch: int | None) -> Plot:
    """Plot both accuracies over epochs and mark the epoch whose weights were kept."""
    figure, axes, alt = _stages(epochs, "accuracy")
    axes.set_ylim(0, 1)
    alt += _mark_kept(axes, epochs, "val/accuracy", best_epoch)
    return Plot(name="accuracy", title="Accuracy", alt=f"{alt}.", figure=figure)


def _stages(epochs: pd.DataFrame, name: str) -> tuple[Figure, Axes, str]:
    """Draw a metric of training and validation over epochs, as far as it was logged."""
    figure, axes = panel("Epoch", name.capitalize())
    said = []
    for column, label, colour in (
        (f"train/{name}", "training", OUTCOME_COLOURS["TN"]),
        (f"val/{name}", "validation", OUTCOME_COLOURS["TP"]),
    ):
        if column in epochs and epochs[column].notna().any():
            known = epochs.dropna(subset=[column])
            curve(axes, known["epoch"], known[column], label, colour)
            said.append(f"{label} from {known[column].iloc[0]:.3g} to {known[column].iloc[-1]:.3g}")
    axes.legend(frameon=False, fontsize=9, labelcolor=INK)
    return figure, axes, f"{name.capitalize()} over {len(epochs)} epochs: {', '.join(said)}"


def _mark_kept(axes: Axes, epochs: pd.DataFrame, metric: str, best_epoch: int | None) -> str:
    """Mark the epoch whose weights were kept, if it was validated, and say what was marked."""
    known = epochs.reindex(columns=["epoch", metric]).dropna()
    best = known[known["epoch"] == best_epoch]
    if best.empty:
        return ""
    score = float(best[metric].iloc[0])
    mark_epoch(axes, int(best["epoch"].iloc[0]), score, int(known["epoch"].max()))
    return f", {score:.3f} in epoch {best_epoch}, whose weights were kept"


def plot_validation_dice(epochs: pd.DataFrame, best_epoch: int | None) -> Plot:
    """Plot validation Dice over epochs and mark the epoch whose weights were kept."""
    known = epochs.dropna(subset=["val/dice"])
    figure, axes = panel("Epoch", "Validation Dice")
    curve(axes, known["epoch"], known["val/dice"], "validation Dice", OUTCOME_COLOURS["TP"])
    axes.set_ylim(0, 1)
    alt = f"Validation Dice over {len(epochs)} epochs, last {known['val/dice'].iloc[-1]:.3f}"
    alt += _mark_kept(axes, epochs, "val/dice", best_epoch)
    return Plot(name="val_dice", title="Validation Dice", alt=f"{alt}.", figure=figure)


def plot_outcomes(images: pd.DataFrame) -> Plot | None:
    """Plot how many images were found, missed, falsely marked and rightly left empty.

    None where all are found: there is nothing to compare.
    """
    if (images["outcome"] == "TP").all():
        return None
    counts = images["outcome"].value_counts().reindex(list(OUTCOMES), fill_value=0)
    figure, axes = panel("Test images", "")
    bars = axes.barh(list(OUTCOMES.values()), counts, color=list(OUTCOME_COLOURS.values()))
    labels = [f"{count}  ({count / len(images):.0%})" for count in counts]
    axes.bar_label(bars, labels, padding=4, fontsize=9, color=INK)
    axes.invert_yaxis()
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlim(0, counts.max() * 1.25)
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="y", length=0)
    said = ", ".join(f"{counts[key]} {name.lower()}" for key, name in OUTCOMES.items())
    alt = f"Outcome of {len(images)} test images: {said}."
    return Plot(name="outcomes", title="Outcome per image", alt=alt, figure=figure)


def plot_dice(images: pd.DataFrame) -> Plot | None:
    """Plot the distribution of Dice over the true positives; None without any."""
    dice = images.loc[images["outcome"] == "TP", "dice"].to_numpy(float)
    if not len(dice):
        return None
    figure, axes = panel("Dice", "True positive images")
    axes.hist(
        dice, bins=list(np.linspace(0, 1, 21)), color=OUTCOME_COLOURS["TP"], edgecolor="white"
    )
    low, middle, high = quartile_lines(axes, dice, ".3f")
    axes.set_xlim(0, 1)
    alt = (
        f"Dice of {len(dice)} true positive images: median {middle:.3f}, "
        f"quartiles {low:.3f} and {high:.3f}."
    )
    title = "Dice" if len(dice) == len(images) else "Dice of the true positives"
    return Plot(name="dice", title=title, alt=alt, figure=figure)


def plot_hausdorff(images: pd.DataFrame) -> Plot | None:
    """Plot the 95th-percentile Hausdorff distance, in mm where known; None if nowhere defined."""
    distances = images.reindex(columns=["hd95_mm", "hd95_px"]).dropna(axis=1, how="all")
    if distances.columns.empty:
        return None
    unit = str(distances.columns[0]).removeprefix("hd95_")
    known = distances.iloc[:, 0].dropna().to_numpy(float)
    figure, axes = panel(f"HD95 ({unit})", "Images")
    axes.hist(
        known,
        bins=list(np.linspace(0, known.max() or 1, 21)),
        color=OUTCOME_COLOURS["TP"],
        edgecolor="white",
    )
    low, middle, high = quartile_lines(axes, known, ".1f")
    alt = (
        f"95th-percentile Hausdorff distance of {len(known)} images: median {middle:.2f} {unit}, "
        f"quartiles {low:.2f} and {high:.2f} {unit}; undefined in {len(images) - len(known)}."
    )
    title = "Hausdorff distance (95th percentile)"
    return Plot(name="hausdorff", title=title, alt=alt, figure=figure)


def plot_structure_size(images: pd.DataFrame) -> Plot | None:
    """Plot Dice against the size of the true structure; None where no image has one."""
    present = images[images["truth_px"] > 0]
    if present.empty:
        return None
    figure, axes = panel("True area (px, logarithmic)", "Dice")
    scatter_dice(axes, present, present["truth_px"])
    axes.set(xscale="log", ylim=(-0.04, 1.04))
    close = present["truth_px"].max() < 5 * present["truth_px"].min()
    axes.xaxis.set_major_locator(MaxNLocator(4) if close else LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.xaxis.set_minor_locator(NullLocator())
    figure.legend(loc="outside upper left", ncols=2, frameon=False, fontsize=9, labelcolor=INK)
    alt = (
        f"Dice against true area of {len(present)} images with the structure, "
        f"{present['truth_px'].min():.0f} to {present['truth_px'].max():.0f} pixels."
    )
    title = "Dice by size of the structure"
    return Plot(name="structure_size", title=title, alt=alt, figure=figure)


def plot_subjects(images: pd.DataFrame) -> Plot | None:
    """Plot the Dice of every image, subject by subject; None unless subjects have several."""
    means = images.groupby("subject")["dice"].mean().sort_values(kind="stable")
    if len(means) in (1, len(images)):
        return None
    figure, axes = panel("", "Dice", width=9.6)
    place = images["subject"].map({subject: rank for rank, subject in enumerate(means.index)})
    jitter = np.random.default_rng(0).uniform(-0.28, 0.28, len(images))
    scatter_dice(axes, images, place + jitter)
    columns = np.arange(len(means))
    axes.hlines(means, columns - 0.38, columns + 0.38, colors=INK, lw=2)
    axes.set(ylim=(-0.04, 1.04), xlim=(-0.7, len(means) - 0.3))
    axes.grid(visible=False, axis="x")
    figure.legend(loc="outside upper left", ncols=4, frameon=False, fontsize=9, labelcolor=INK)
    _name_subjects(axes, list(means.index))
    alt = (
        f"Dice of every image of {len(means)} subjects: subject means from "
        f"{means.iloc[0]:.3f} to {means.iloc[-1]:.3f}, median {means.median():.3f}."
    )
    return Plot(name="subjects", title="Dice by subject", alt=alt, figure=figure)


def _name_subjects(axes: Axes, subjects: list[str]) -> None:
    """Label the columns with subject names while there is room for them."""
    if len(subjects) > _MOST_NAMED_SUBJECTS:
        axes.set_xticks([])
        axes.set_xlabel(f"{len(subjects)} subjects, sorted by mean Dice", color=INK, fontsize=10)
        return
    axes.set_xticks(range(len(subjects)), subjects, rotation=35, ha="right", parse_math=False)
