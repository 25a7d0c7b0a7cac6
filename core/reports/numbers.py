"""The key numbers of a run: each with what it has to be read against."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from core.reports.cases import OUTCOMES
from core.reports.intervals import subject_intervals
from core.reports.run_folder import RunFolder

ABSENT: Final = "–"

Interval = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class KeyNumber:
    """One number in large type.

    Attributes:
        label: What it is.
        value: The number as text; a dash where it is undefined.
        unit: "mm", "px" or nothing.
        interval: Its 95 % interval as text; nothing where there are too few subjects.
        notes: What it has to be read against, a line each.
    """

    label: str
    value: str
    unit: str = ""
    interval: str = ""
    notes: tuple[str, ...] = ()


def key_numbers(run: RunFolder) -> list[KeyNumber]:
    """Choose the numbers that a reader wants first; of the validation where no test was run."""
    metrics = run.summary.get("metrics") or {}
    if not metrics:
        return _validation_numbers(run.summary)
    intervals = _intervals(run.images)
    notes = _notes(metrics, run.images)
    unit = "mm" if defined(metrics.get("test/hd95_mm")) else "px"
    numbers = []
    for metric, label, form, shown_unit in (
        ("test/dice", "Dice", ".3f", ""),
        ("test/false_negative_rate", "False negatives", ".1%", ""),
        ("test/false_positive_rate", "False positives", ".1%", ""),
        ("test/dice_true_positive", "Dice, true positives", ".3f", ""),
        (f"test/hd95_{unit}", "HD95", ".2f", unit),
        ("test/auc", "AUC of presence", ".3f", ""),
    ):
        if metric in metrics:
            numbers.append(
                KeyNumber(
                    label=label,
                    value=f"{metrics[metric]:{form}}" if defined(metrics[metric]) else ABSENT,
                    unit=shown_unit,
                    interval=_range(intervals.get(metric), form),
                    notes=notes.get(metric, ()),
                )
            )
    return numbers


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
    outcome, dice = images["outcome"], images["dice"]
    has_truth = outcome.isin(["TP", "FN"])
    values = pd.DataFrame(
        {
            "test/dice": dice,
            "test/false_negative_rate": (outcome == "FN").where(has_truth, np.nan),
            "test/false_positive_rate": (outcome == "FP").where(~has_truth, np.nan),
            "test/dice_true_positive": dice.where(outcome == "TP"),
            "test/hd95_mm": images.get("hd95_mm", np.nan),
            "test/hd95_px": images.get("hd95_px", np.nan),
        }
    )
    return subject_intervals(values.astype(float), images["subject"])


def _notes(metrics: dict[str, Any], images: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    """Return what to say below each number, from the counts of per_image.csv."""
    notes = {}
    if defined(metrics.get("test/dice_all_empty")):
        notes["test/dice"] = (f"the all-empty answer scores {metrics['test/dice_all_empty']:.3f}",)
    if images.empty:
        return notes
    count = images["outcome"].value_counts().reindex(list(OUTCOMES), fill_value=0)
    undefined = len(images) - count["TP"]
    return notes | {
        "test/false_negative_rate": (
            f"{count['FN']} of {count['FN'] + count['TP']} images with the structure: "
            "predicted empty",
        ),
        "test/false_positive_rate": (
            f"{count['FP']} of {count['FP'] + count['TN']} images without it: predicted non-empty",
        ),
        "test/dice_true_positive": (f"{count['TP']} images where both are non-empty",),
        "test/hd95_mm": (f"mean; undefined in {undefined} images",),
        "test/hd95_px": (f"mean; undefined in {undefined} images",),
    }


def _range(interval: Interval | None, form: str) -> str:
    """Return an interval as text; nothing where there is none."""
    return "" if interval is None else f"{interval[0]:{form}} to {interval[1]:{form}}"
