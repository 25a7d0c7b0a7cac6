"""The key numbers of a run: each with what it has to be read against."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from core.reports.cases import OUTCOMES
from core.reports.image_values import mask_values
from core.reports.run_folder import RunFolder
from core.reports.schemes import run_schemes
from core.statistics import subject_intervals

ABSENT: Final = "n/a"

Interval = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class KeyNumber:
    """One number in large type.

    Attributes:
        label: What it is.
        value: The number as text; "n/a" where it is undefined.
        unit: "%", "mm", "px" or nothing.
        interval: Its 95 % interval as text; nothing where there are too few subjects.
        notes: What it has to be read against, a line each.
    """

    label: str
    value: str
    unit: str = ""
    interval: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Spec:
    """How a metric of summary.json is shown: with how many decimals; as a rate if it is in %."""

    metric: str
    label: str
    decimals: int
    unit: str = ""


MASKS: Final = {
    spec.metric: spec
    for spec in (
        Spec("test/dice", "Dice", 3),
        Spec("test/precision", "Precision", 3),
        Spec("test/recall", "Recall", 3),
        Spec("test/iou", "IoU", 3),
        Spec("test/hd_mm", "Hausdorff distance", 2, "mm"),
        Spec("test/hd_px", "Hausdorff distance", 1, "px"),
        Spec("test/hd95_mm", "HD95", 2, "mm"),
        Spec("test/hd95_px", "HD95", 1, "px"),
        Spec("test/auc", "AUC over pixels", 4),
        Spec("test/zero_overlap_rate", "No pixel found", 1, "%"),
        Spec("test/false_negative_rate", "False negatives", 1, "%"),
        Spec("test/false_positive_rate", "False positives", 1, "%"),
        Spec("test/dice_true_positive", "Dice, true positives", 3),
        Spec("test/psnr_gain", "PSNR gained", 2, "dB"),
        Spec("test/edge_ratio", "Edges left by restoration", 1, "%"),
        Spec("test/angle_error_deg", "Spine angle, mean error", 1, "°"),
    )
}
"""How the metrics of segmentations are shown, the most wanted first."""


def key_numbers(run: RunFolder) -> list[KeyNumber]:
    """Choose the numbers that a reader wants first; of the validation where no test was run."""
    metrics = run.summary.get("metrics") or {}
    if not metrics:
        return _validation_numbers(run.summary)
    intervals = _intervals(run.images)
    notes = _notes(metrics, run.images)
    silent = _saying_nothing(metrics)
    return _removal_numbers(run) + [
        key_number(spec, metrics[spec.metric], intervals.get(spec.metric), notes)
        for spec in MASKS.values()
        if spec.metric in metrics and spec.metric not in silent
    ]


def _saying_nothing(metrics: Mapping[str, Any]) -> set[str]:
    """Return the metrics that add nothing for these data."""
    silent = {"test/iou"}  # says what Dice says
    for name in ("hd", "hd95"):
        silent.add(f"test/{name}_{'px' if defined(metrics.get(f'test/{name}_mm')) else 'mm'}")
    if not defined(metrics.get("test/false_positive_rate")):  # no image is empty
        silent.add("test/false_positive_rate")
    if metrics.get("test/dice_true_positive") == metrics.get("test/dice"):
        silent.add("test/dice_true_positive")
    if not defined(metrics.get("test/psnr_gain")):  # no noise-free images are known
        silent.add("test/psnr_gain")
    return silent


def _removal_numbers(run: RunFolder) -> list[KeyNumber]:
    """Return the mean PSNR-HVS-M beside that of doing nothing and of training the other way."""
    if run.removal.empty:
        return []
    quality = run.removal.filter(like="psnr_hvs_m/")
    means = quality.mean()
    own, *others = sorted(run_schemes(run), key=lambda scheme: not scheme.own)
    spec = Spec(f"psnr_hvs_m/{own.name}", f"PSNR-HVS-M, {own.label}", 2, "dB")
    notes = [f"untouched input {means['psnr_hvs_m/input']:.2f} dB"]
    notes += [f"{each.label} {means[f'psnr_hvs_m/{each.name}']:.2f} dB" for each in others]
    interval = subject_intervals(quality, run.removal["subject"]).get(spec.metric)
    return [key_number(spec, means[spec.metric], interval, {spec.metric: tuple(notes)})]


def defined(value: Any) -> bool:
    """Return whether a metric has a value: summary.json holds null where it is undefined."""
    return value is not None and not math.isnan(value)


def _validation_numbers(summary: dict[str, Any]) -> list[KeyNumber]:
    """Return the best validation score, with a note that the test is still to come."""
    score, epoch = summary.get("best_score"), summary.get("best_epoch")
    if not defined(score):
        return []
    note = f"epoch {epoch}; not tested yet"
    return [KeyNumber(label="Best validation score", value=f"{score:.3f}", notes=(note,))]


def _intervals(images: pd.DataFrame) -> dict[str, Interval]:
    """Return the intervals of the key numbers that are means over images."""
    if images.empty:
        return {}
    return subject_intervals(mask_values(images).add_prefix("test/"), images["subject"])


def _notes(metrics: dict[str, Any], images: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    """Return what to say below each number, from the counts of per_image.csv."""
    notes: dict[str, tuple[str, ...]] = {}
    all_empty = metrics.get("test/dice_all_empty") or 0.0
    if all_empty > 0:  # false for NaN, too
        notes["test/dice"] = (f"the all-empty answer scores {all_empty:.3f}",)
    if undefined := metrics.get("test/angle_undefined"):
        words = f"too little is found for an angle in {undefined:.0f} images"
        notes["test/angle_error_deg"] = (words,)
    if images.empty:
        return notes
    count = images["outcome"].value_counts().reindex(list(OUTCOMES), fill_value=0)
    present = count["FN"] + count["TP"]
    hit = ((images["truth_px"] > 0) & (images["dice"] > 0)).sum()
    undefined = len(images) - count["TP"]
    several = images.get("structure", pd.Series(dtype=str)).nunique() > 1
    cases = "cases" if several else "images"  # of a structure in an image
    distance = f"mean; undefined in {undefined} of {len(images)} {cases}" if undefined else "mean"
    said = {
        "zero_overlap_rate": f"in {present - hit} of {present} {cases} with the structure",
        "false_negative_rate": f"{count['FN']} of {present} {cases} with the structure: "
        "predicted empty",
        "false_positive_rate": f"{count['FP']} of {count['FP'] + count['TN']} {cases} without it: "
        "predicted non-empty",
        "dice_true_positive": f"{count['TP']} {cases} where both are non-empty",
    } | dict.fromkeys(("hd_mm", "hd_px", "hd95_mm", "hd95_px"), distance)
    return notes | {f"test/{name}": (words,) for name, words in said.items()}


def key_number(
    spec: Spec, value: float | None, interval: Interval | None, notes: dict[str, tuple[str, ...]]
) -> KeyNumber:
    """Put a metric's value and interval into text; rates become percentages."""
    scale = 100 if spec.unit == "%" else 1

    def text(number: float) -> str:
        return f"{number * scale:.{spec.decimals}f}"

    return KeyNumber(
        label=spec.label,
        value=ABSENT if value is None or not defined(value) else text(value),
        unit=spec.unit,
        interval=f"{text(interval[0])} to {text(interval[1])}" if interval else "",
        notes=notes.get(spec.metric, ()),
    )
