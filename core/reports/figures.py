"""The figures of a report, one panel each, drawn without pyplot and its global state."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from core.reports.cases import OUTCOMES

# What is true only is orange, what is predicted only is blue, as in the outlines, but dark enough
# for white paper; what is both is green.
OUTCOME_COLOURS: Final = {"TP": "#00805f", "FN": "#c77700", "FP": "#1b87c4", "TN": "#8a9199"}
_INK, _MUTED, _RULE = "#1c2127", "#57606a", "#d5dae0"
_DOTS_PER_INCH: Final = 150
_MOST_NAMED_SUBJECTS: Final = 24


@dataclass(frozen=True, kw_only=True)
class Plot:
    """A finished figure.

    Attributes:
        name: File name without ending.
        title: Heading.
        alt: What it shows, in words and numbers, for readers who cannot see it.
        figure: The drawing.
    """

    name: str
    title: str
    alt: str
    figure: Figure

    def save(self, folder: Path) -> Path:
        """Write `<name>.png` into a folder and return its path."""
        path = folder / f"{self.name}.png"
        self.figure.savefig(path, dpi=_DOTS_PER_INCH)
        return path


def plot_loss(epochs: pd.DataFrame) -> Plot:
    """Plot training and validation loss over epochs; columns epoch, train/loss, val/loss."""
    figure, axes = _panel("Epoch", "Loss")
    said = []
    for column, label, colour in (
        ("train/loss", "training", OUTCOME_COLOURS["TN"]),
        ("val/loss", "validation", OUTCOME_COLOURS["TP"]),
    ):
        if column in epochs:
            known = epochs.dropna(subset=[column])
            _curve(axes, known["epoch"], known[column], label, colour)
            said.append(f"{label} from {known[column].iloc[0]:.3g} to {known[column].iloc[-1]:.3g}")
    axes.legend(frameon=False, fontsize=9, labelcolor=_INK)
    alt = f"Loss over {len(epochs)} epochs: {', '.join(said)}."
    return Plot(name="loss", title="Loss", alt=alt, figure=figure)


def plot_validation_dice(epochs: pd.DataFrame, best_epoch: int | None) -> Plot:
    """Plot validation Dice over epochs and mark the epoch whose weights were kept."""
    known = epochs.dropna(subset=["val/dice"])
    figure, axes = _panel("Epoch", "Validation Dice")
    _curve(axes, known["epoch"], known["val/dice"], "validation Dice", OUTCOME_COLOURS["TP"])
    axes.set_ylim(0, 1)
    alt = f"Validation Dice over {len(epochs)} epochs, last {known['val/dice'].iloc[-1]:.3f}"
    best = known[known["epoch"] == best_epoch]
    if len(best):
        score = float(best["val/dice"].iloc[0])
        _mark_epoch(axes, int(best["epoch"].iloc[0]), score, int(known["epoch"].max()))
        alt += f", {score:.3f} in epoch {best_epoch}, whose weights were kept"
    return Plot(name="val_dice", title="Validation Dice", alt=f"{alt}.", figure=figure)


def plot_outcomes(images: pd.DataFrame) -> Plot:
    """Plot how many test images were found, missed, falsely marked and rightly left empty."""
    counts = images["outcome"].value_counts().reindex(list(OUTCOMES), fill_value=0)
    figure, axes = _panel("Test images", "")
    bars = axes.barh(list(OUTCOMES.values()), counts, color=list(OUTCOME_COLOURS.values()))
    labels = [f"{count}  ({count / len(images):.0%})" for count in counts]
    axes.bar_label(bars, labels, padding=4, fontsize=9, color=_INK)
    axes.invert_yaxis()
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
    figure, axes = _panel("Dice", "True positive images")
    axes.hist(dice, bins=np.linspace(0, 1, 21), color=OUTCOME_COLOURS["TP"], edgecolor="white")
    low, middle, high = _quartile_lines(axes, dice, ".3f")
    axes.set_xlim(0, 1)
    alt = (
        f"Dice of {len(dice)} true positive images: median {middle:.3f}, "
        f"quartiles {low:.3f} and {high:.3f}."
    )
    return Plot(name="dice", title="Dice of the true positives", alt=alt, figure=figure)


def plot_hausdorff(images: pd.DataFrame) -> Plot | None:
    """Plot the 95th-percentile Hausdorff distance, in mm where known; None if nowhere defined."""
    distances = pd.DataFrame({unit: images.get(f"hd95_{unit}") for unit in ("mm", "px")})
    unit = next((unit for unit in distances if distances[unit].notna().any()), None)
    if unit is None:
        return None
    known = distances[unit].dropna().to_numpy(float)
    figure, axes = _panel(f"HD95 ({unit})", "Images")
    axes.hist(known, bins=20, color=OUTCOME_COLOURS["TP"], edgecolor="white")
    axes.set_xlim(left=0)
    low, middle, high = _quartile_lines(axes, known, ".1f")
    alt = (
        f"95th-percentile Hausdorff distance of {len(known)} images: median {middle:.2f} {unit}, "
        f"quartiles {low:.2f} and {high:.2f} {unit}; undefined in {len(images) - len(known)}."
    )
    title = "Hausdorff distance (95th percentile)"
    return Plot(name="hausdorff", title=title, alt=alt, figure=figure)


def plot_subjects(images: pd.DataFrame) -> Plot | None:
    """Plot the Dice of every image, subject by subject; None unless subjects have several."""
    means = images.groupby("subject")["dice"].mean().sort_values(kind="stable")
    if len(means) in (1, len(images)):
        return None
    figure, axes = _panel("", "Dice", width=9.6)
    place = images["subject"].map({subject: rank for rank, subject in enumerate(means.index)})
    jitter = np.random.default_rng(0).uniform(-0.28, 0.28, len(images))
    size = np.clip(6000 / len(images), 4, 24)
    for outcome, rows in images.groupby("outcome"):
        x, colour = (place + jitter)[rows.index], OUTCOME_COLOURS[str(outcome)]
        name = OUTCOMES[str(outcome)].lower()
        axes.scatter(x, rows["dice"], s=size, c=colour, alpha=0.7, linewidths=0, label=name)
    axes.hlines(
        means, np.arange(len(means)) - 0.38, np.arange(len(means)) + 0.38, colors=_INK, lw=2
    )
    axes.set(ylim=(-0.04, 1.04), xlim=(-0.7, len(means) - 0.3))
    axes.grid(visible=False, axis="x")
    figure.legend(loc="outside upper left", ncols=4, frameon=False, fontsize=9, labelcolor=_INK)
    _name_subjects(axes, list(means.index))
    alt = (
        f"Dice of every image of {len(means)} subjects: subject means from "
        f"{means.iloc[0]:.3f} to {means.iloc[-1]:.3f}, median {means.median():.3f}."
    )
    return Plot(name="subjects", title="Dice by subject", alt=alt, figure=figure)


def _panel(x_label: str, y_label: str, width: float = 4.8) -> tuple[Figure, Axes]:
    """Return an empty figure of `width` inches with the house's quiet axes."""
    figure = Figure(figsize=(width, 3.1), layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.set_xlabel(x_label, color=_INK, fontsize=10)
    axes.set_ylabel(y_label, color=_INK, fontsize=10)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(_RULE)
    axes.tick_params(colors=_MUTED, labelcolor=_INK, labelsize=9)
    axes.grid(color=_RULE, linewidth=0.6)
    axes.set_axisbelow(True)
    return figure, axes


def _curve(axes: Axes, x: pd.Series, y: pd.Series, label: str, colour: str) -> None:
    """Draw one curve; with a mark on each point while they are few enough to be told apart."""
    axes.plot(x, y, color=colour, label=label, lw=1.8, marker="o" if len(x) < 8 else "", ms=4)
    axes.xaxis.get_major_locator().set_params(integer=True)


def _mark_epoch(axes: Axes, epoch: int, score: float, last_epoch: int) -> None:
    """Mark a point of the Dice curve, its label on the side that has room."""
    axes.axvline(epoch, color=_INK, lw=0.8, ls=(0, (4, 3)))
    axes.plot([epoch], [score], marker="o", ms=7, mfc="white", mec=_INK, mew=1.6)
    late = epoch > last_epoch / 2
    axes.annotate(
        f"kept: epoch {epoch}, {score:.3f}",
        (epoch, 0.06),
        xytext=(-6 if late else 6, 0),
        textcoords="offset points",
        ha="right" if late else "left",
        fontsize=9,
        color=_INK,
    )


def _quartile_lines(axes: Axes, values: np.ndarray, form: str) -> tuple[float, float, float]:
    """Mark the median and the quartiles of a histogram and return quartile, median, quartile."""
    low, middle, high = (float(value) for value in np.quantile(values, (0.25, 0.5, 0.75)))
    axes.axvspan(low, high, color=_INK, alpha=0.07, lw=0, zorder=0.5)
    axes.axvline(middle, color=_INK, lw=1.4)
    axes.set_title(
        f"median {middle:{form}}, shaded: middle half", fontsize=9, color=_MUTED, loc="left"
    )
    return low, middle, high


def _name_subjects(axes: Axes, subjects: list[str]) -> None:
    """Label the columns with subject names while there is room for them."""
    if len(subjects) > _MOST_NAMED_SUBJECTS:
        axes.set_xticks([])
        axes.set_xlabel(f"{len(subjects)} subjects, sorted by mean Dice", color=_INK, fontsize=10)
        return
    axes.set_xticks(range(len(subjects)), subjects, rotation=35, ha="right", parse_math=False)
