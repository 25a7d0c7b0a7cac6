"""The leaderboard as a table, and what has to be known to read it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import pandas as pd

from core.comparison.boards import COLUMNS, Board, common_images
from core.comparison.methods import Method
from core.comparison.read import TestedRun
from core.reports.numbers import ABSENT, Spec
from core.reports.tables import Table, mean_and_sd
from core.statistics import subject_intervals


def leaderboard(board: Board) -> Table:
    """Return the table: mean ± SD over repetitions, and what else decides between methods."""
    shown = [spec for spec in COLUMNS[board.ranked_by.metric] if _is_known(spec, board.methods)]
    numeric = [f"{spec.label} ({spec.unit})" if spec.unit else spec.label for spec in shown]
    numeric[1:1] = ["95 %", "Runs"]
    numeric += ["Parameters", "Inference (ms)"]
    columns = ("Method", *numeric, "Test images", "Data")
    rows = [[method.name, *_cells(board, method, shown)] for method in board.methods]
    return Table(columns=columns, rows=rows, numeric=frozenset(numeric))


def notes(board: Board) -> list[str]:
    """Say what has to be known to read the table, a line each."""
    said = ["Mean ± standard deviation over repetitions; 95 %: bootstrap over subjects."]
    if not any(len(method.runs) > 1 for method in board.methods):
        said = ["95 %: bootstrap over subjects. Each method was trained once."]
    said += _of_test_sets(board)
    if len({repr(method.settings.get("data.size")) for method in board.methods}) > 1:
        said.append("The networks' grids differ (data.size), and so does what is measured on them.")
    ways = {
        str(how).partition("; ")[0]  # not how often
        for method in board.methods
        if (how := _summary(method, "inference").get("how"))
    }
    if ways:
        alike = "" if len(ways) == 1 else "not alike for all: "
        said.append(f"Inference was measured {alike}{' / '.join(sorted(ways))}.")
    commits = {
        _summary(run, "git").get("commit") for method in board.methods for run in method.runs
    }
    if len(commits) > 1:
        said.append(f"The runs were made by {len(commits)} versions of the code.")
    return said


def _of_test_sets(board: Board) -> list[str]:
    """Say what different test images have in common."""
    sets = board.test_sets
    if len(sets) == 1:
        return []
    said = ["NOT ALL WERE TESTED ON THE SAME IMAGES: compare only what has the same letter."]
    if len(sets) <= 4:
        shares = [
            f"{a} and {b} share {len(common_images(sets[a], sets[b]))}"
            for a, b in combinations(sets, 2)
        ]
        said.append(f"Images in common: {'; '.join(shares)}.")
    return said


def _is_known(spec: Spec, methods: Sequence[Method]) -> bool:
    """Whether any method has it; distances in pixels only where those in mm are not known."""
    in_mm = spec.metric.replace("_px", "_mm")
    if in_mm != spec.metric and all(method.values(in_mm).notna().all() for method in methods):
        return False
    return any(method.values(spec.metric).notna().any() for method in methods)


def _cells(board: Board, method: Method, shown: Sequence[Spec]) -> list[str]:
    cells = [_mean(method.values(spec.metric), spec) for spec in shown]
    cells[1:1] = [_interval(method, board.ranked_by), str(len(method.runs))]
    first = method.runs[0]
    parameters = first.folder.summary.get("parameters")
    milliseconds = _inference_ms(method)
    cells.append(ABSENT if parameters is None else f"{parameters:,}")
    cells.append(mean_and_sd(milliseconds, ".1f") or ABSENT)
    subjects, images = len(method.subjects), len(method.images)
    tested = f"{board.letter(method)}: {images} of {subjects} subjects"
    data = f"{first.data.get('source', '')}, {'SIMULATED' if method.simulated else 'real'}"
    return [*cells, tested, data]


def _mean(values: pd.Series, spec: Spec) -> str:
    return mean_and_sd(values * _scale(spec), f".{spec.decimals}f") or ABSENT


def _interval(method: Method, spec: Spec) -> str:
    """Return the 95 % interval of the mean over all runs' images, resampling subjects."""
    images = method.image_values(spec.metric)
    if images.empty:
        return ABSENT
    ends = subject_intervals(images[["value"]], images["subject"]).get("value")
    if ends is None:
        return ABSENT
    return " to ".join(f"{end * _scale(spec):.{spec.decimals}f}" for end in ends)


def _scale(spec: Spec) -> float:
    return 100 if spec.unit == "%" else 1


def _inference_ms(method: Method) -> pd.Series:
    times = [_summary(run, "inference").get("ms_per_image") for run in method.runs]
    return pd.Series(times, dtype=float)


def _summary(of: Method | TestedRun, part: str) -> dict[str, Any]:
    run = of.runs[0] if isinstance(of, Method) else of
    return dict(run.folder.summary.get(part) or {})
