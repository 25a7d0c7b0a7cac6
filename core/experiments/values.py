"""What a run came to: one value a metric, and where it is a mean over images, that of each."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from math import isclose, nan
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from core.checks import require
from core.experiments.claims import FIXED, TIMED
from core.reports.image_values import mask_values, removal_values, restoration_values
from core.reports.run_folder import EPOCHS, SUMMARY, RunFolder, read_summary

CONVERGENCE: Final = ("epochs_to_converge", "loss_epochs_to_converge")
"""Counted from the validation's curve, or from the training loss's; columns name them so."""
FACTS: Final = (*FIXED, *TIMED, "best_score")
"""Facts of a run that a column may show, beside its metrics; the best score is a validation's."""
_CURVES: Final = ("val/dice", "val/accuracy")
_LEFT: Final = 0.05  # of its whole fall, where a loss has converged
_STAGE: Final = "test/"
_SAME: Final = 1e-5  # relative: summary.json holds sums in float32 over up to thousands of batches


def measured(summary: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a column may show of a tested run: its metrics and `FACTS`; else nothing."""
    metrics = dict(summary.get("metrics", {}))
    if not metrics:
        return {}
    inference = summary.get("inference", {})
    times = (inference.get("ms_per_image"), inference.get("ms_per_image_folded"))
    images = summary.get("data", {}).get("images", {})
    counts = (images.get(stage) for stage in ("train", "val", "test"))
    facts = (summary.get("parameters"), *counts, *times, summary.get("best_score"))
    return metrics | dict(zip(FACTS, facts, strict=True))


def run_value(run: Path, metric: str) -> float:
    """Return a run's value of a metric, of one of `FACTS` of `CONVERGENCE`; NaN if unknown.

    Raises:
        InputError: If the folder has no summary.json.
    """
    known = measured(read_summary(run))
    if metric in CONVERGENCE and known:
        return _epochs_to_converge(pd.read_csv(run / EPOCHS), metric)
    value = known.get(metric)
    return nan if value is None else float(value)


def _epochs_to_converge(epochs: pd.DataFrame, metric: str) -> float:
    """Return how many it took; a loss's by its own fall, for losses have no common unit."""
    from core.metrics import epochs_to_converge  # brings torch

    if metric == CONVERGENCE[0]:
        curve = next(name for name in _CURVES if name in epochs)  # masks have an accuracy, too
        return float(epochs_to_converge(epochs[curve]))
    loss = epochs["train/loss"]
    fall = loss.iloc[0] - loss.min()
    return float(epochs_to_converge(-loss, tolerance=_LEFT * fall))


def image_values(run: Path, metric: str) -> pd.DataFrame | None:
    """Return the values of images, or of sequences, whose mean a run's metric is.

    Args:
        run: Run folder of a test.
        metric: Its name in summary.json, such as test/dice.

    Returns:
        Columns id, subject and value, a row each image (and structure) that counts; None where the
        metric is no mean over images, such as an area under a curve or a mean over classes.

    Raises:
        InputError: If their mean is not the metric: then the files are of different tests.
    """
    if not metric.startswith(_STAGE):
        return None
    folder, name = _folder(run, _written(run)), metric.removeprefix(_STAGE)
    found = (
        of(folder, name)
        for of in (_masks, _classes, _sequences, _restoration, _removal, _angles, _presence)
    )
    values = next((frame for frame in found if frame is not None), None)
    if values is None:
        return None
    known: pd.DataFrame = values[np.isfinite(values["value"])].reset_index(drop=True)
    if known.empty:
        return None
    mean, logged = float(known["value"].mean()), run_value(run, metric)
    same = isclose(mean, logged, rel_tol=_SAME, abs_tol=_SAME)
    require(same, run.name, f"images whose mean is {metric} = {logged:.6g}", f"{mean:.6g}")
    return known


def _written(run: Path) -> int:
    """Return when a run was last summed up, ns; 0 if never."""
    path = run / SUMMARY
    return path.stat().st_mtime_ns if path.is_file() else 0


@lru_cache(maxsize=128)
def _folder(run: Path, _: int) -> RunFolder:
    """Return what lies in a run folder; read once, as every column of a table asks for it."""
    return RunFolder.read(run)


def _frame(table: pd.DataFrame, values: Any, name: str = "id") -> pd.DataFrame | None:
    """Return what is asked for of a table's rows; None if nobody knows whose they are."""
    if "subject" not in table:
        return None
    columns = {"id": table[name], "subject": table["subject"]}
    return pd.DataFrame({**columns, "value": np.asarray(values, float)})


def _masks(run: RunFolder, name: str) -> pd.DataFrame | None:
    """Of a segmentation: <metric>, or <structure>/<metric>."""
    structure, _, metric = name.rpartition("/")
    rows = run.images
    if structure and len(rows):
        rows = rows[rows["structure"] == structure]
    values = mask_values(rows) if len(rows) else pd.DataFrame()
    return _frame(rows, values[metric]) if metric in values else None


def _classes(run: RunFolder, name: str) -> pd.DataFrame | None:
    """Of a classification: accuracy, <machine>/accuracy and <class>/recall."""
    of, _, metric = name.rpartition("/")
    column = {"accuracy": "device", "recall": "truth"}.get(metric)
    rows = run.classified
    if rows.empty or column is None or (not of and metric != "accuracy"):
        return None
    if of:
        rows = rows[rows[column] == of] if column in rows else rows[:0]
    return _frame(rows, rows["correct"])


def _sequences(run: RunFolder, name: str) -> pd.DataFrame | None:
    """Of cines: both ways to decide on them."""
    ways = {"sequence_accuracy": "majority"}
    ways["sequence_accuracy_mean_probability"] = "mean_probability"
    if name not in ways or run.sequences.empty:
        return None
    return _frame(run.sequences, run.sequences[f"correct_{ways[name]}"], "sequence")


def _restoration(run: RunFolder, name: str) -> pd.DataFrame | None:
    """Of restored images."""
    values = pd.DataFrame() if run.restoration.empty else restoration_values(run.restoration)
    return _frame(run.restoration, values[name]) if name in values else None


def _removal(run: RunFolder, name: str) -> pd.DataFrame | None:
    """Of removed annotations: <metric>, rival/<metric> or <kind>/<metric>."""
    if run.removal.empty:
        return None
    values = removal_values(run.removal, run.schemes)
    if name in values:
        return _frame(run.removal, values[name])
    kind, _, metric = name.partition("/")
    own = run.removal["kinds"] == kind
    return _frame(run.removal[own], values.loc[own, metric]) if metric in values else None


def _angles(run: RunFolder, name: str) -> pd.DataFrame | None:
    """Of spines: how far the angle is off."""
    angles = run.spine_angles
    if name != "angle_error_deg" or angles.empty:
        return None
    return _frame(angles, (angles["prediction_deg"] - angles["truth_deg"]).abs())


def _presence(run: RunFolder, name: str) -> pd.DataFrame | None:
    """Of what is looked for: <kind>/presence_sensitivity and <kind>/presence_specificity."""
    from core.metrics.confidence import PRESENT  # brings torch

    kind, _, metric = name.partition("/")
    truths = {"presence_sensitivity": 1, "presence_specificity": 0}
    if metric not in truths or run.presence.empty:
        return None
    rows = run.presence[(run.presence["kind"] == kind) & (run.presence["truth"] == truths[metric])]
    return _frame(rows, (rows["confidence"] >= PRESENT) == truths[metric])
