"""What a classifier's run comes to: its key numbers, and a table by class and by machine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from core.reports.numbers import ABSENT, Interval, KeyNumber, Spec, defined, key_number
from core.reports.roc import ALL
from core.reports.run_folder import RunFolder
from core.reports.tables import Table
from core.statistics import subject_intervals

_SPECS: Final = (
    Spec("test/accuracy", "Accuracy", 1, "%"),
    Spec("test/sequence_accuracy", "Sequence accuracy", 1, "%"),
    Spec("test/precision", "Precision", 1, "%"),
    Spec("test/recall", "Recall", 1, "%"),
    Spec("test/auc", "AUC", 4),
)
_BY_MEAN: Final = "test/sequence_accuracy_mean_probability"


def class_numbers(run: RunFolder) -> list[KeyNumber]:
    """Return the numbers that a reader of a classification wants first; none for other runs."""
    if run.classified.empty:
        return []
    metrics = run.summary.get("metrics") or {}
    notes, intervals = _notes(run, metrics), _intervals(run)
    shown = [
        key_number(spec, metrics[spec.metric], intervals.get(spec.metric), notes)
        for spec in _SPECS
        if spec.metric in metrics
    ]
    return [*shown[:2], _amount(run), *shown[2:]]


def _notes(run: RunFolder, metrics: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return what stands below each number: the floor, and what was averaged."""
    over = f"mean over the {run.classified['truth'].nunique()} classes of the test"
    notes: dict[str, tuple[str, ...]] = {
        f"test/{name}": (over,) for name in ("precision", "recall", "auc")
    }
    notes["test/accuracy"] = (_floor(run.classified),)
    if len(run.sequences):
        notes["test/sequence_accuracy"] = ("by majority vote", _floor(run.sequences))
        if defined(by_mean := metrics.get(_BY_MEAN)):
            notes["test/sequence_accuracy"] += (f"by mean probability {by_mean:.1%}",)
    return notes


def _floor(rows: pd.DataFrame) -> str:
    """Say what is right by always giving the same answer."""
    shares = rows["truth"].value_counts(normalize=True)
    return f"always answering {shares.index[0]} scores {shares.iloc[0]:.1%}"


def _intervals(run: RunFolder) -> dict[str, Interval]:
    """Return the intervals of both accuracies."""
    found: dict[str, Interval] = {}
    for metric, rows, column in (
        ("test/accuracy", run.classified, "correct"),
        ("test/sequence_accuracy", run.sequences, "correct_majority"),
    ):
        if {"subject", column} <= set(rows):
            values = rows[[column]].set_axis([metric], axis=1).astype(float)
            found |= subject_intervals(values, rows["subject"])
    return found


def _amount(run: RunFolder) -> KeyNumber:
    """Say how much was tested."""
    sequences, subjects = len(run.sequences), run.classified["subject"].nunique()
    of = f"{sequences:,} sequences of " if sequences else "of "
    notes = (f"{of}{subjects:,} patients",)
    return KeyNumber(label="Test images", value=f"{len(run.classified):,}", notes=notes)


def class_table(run: RunFolder) -> Table | None:
    """Return each class's images and test metrics, and their means; None for other runs."""
    if run.classified.empty:
        return None
    metrics, images = run.summary.get("metrics") or {}, run.classified["truth"].value_counts()
    rows = [
        [name, f"{images.get(name, 0):,}", *_measures(metrics, f"test/{name}/")]
        for name in run.classes
    ]
    rows.append(["All", f"{len(run.classified):,}", *_measures(metrics, "test/")])
    columns = ("Class", "Images", "Precision", "Recall", "AUC")
    return Table(columns=columns, rows=rows, numeric=frozenset(columns[1:]))


def _measures(metrics: Mapping[str, Any], prefix: str) -> list[str]:
    """Return the cells of precision, recall and area."""
    formats = {"precision": ".1%", "recall": ".1%", "auc": ".4f"}
    return [_text(metrics.get(f"{prefix}{name}"), form) for name, form in formats.items()]


def machine_table(run: RunFolder) -> Table | None:
    """Return what each machine's images come to; None where they are all of one."""
    images = run.classified
    if "device" not in images or images["device"].nunique() < 2:
        return None
    rows = []
    for machine, of in images.groupby("device"):
        amounts = [len(of), of["subject"].nunique()]
        shares = [of["correct"].mean(), _sequence_accuracy(run.sequences, machine)]
        area = _text(_area(run.roc, machine), ".4f")
        cells = [*(f"{n:,}" for n in amounts), *(_text(share, ".1%") for share in shares), area]
        rows.append([str(machine), *cells])
    columns = ("Machine", "Images", "Patients", "Accuracy", "By sequence", "AUC")
    return Table(columns=columns, rows=rows, numeric=frozenset(columns[1:]))


def _sequence_accuracy(sequences: pd.DataFrame, machine: Any) -> float | None:
    """Return the share of a machine's sequences that the majority of their images gets right."""
    if "device" not in sequences:
        return None
    return float(sequences.loc[sequences["device"] == machine, "correct_majority"].mean())


def _area(roc: pd.DataFrame, machine: Any) -> float | None:
    """Return the mean of the classes' areas over a machine's images."""
    if roc.empty or machine == ALL:
        return None
    return float(roc[roc["group"] == machine].groupby("structure")["auc"].first().mean())


def _text(value: float | None, form: str) -> str:
    return ABSENT if value is None or not defined(value) else f"{value:{form}}"
