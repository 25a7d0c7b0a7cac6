"""Paired statistics: do two methods differ by more than subjects and trainings scatter?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import isnan, nan
from typing import Final

import pandas as pd

from core.comparison.boards import Board, common_images
from core.comparison.methods import Method
from core.reports.numbers import ABSENT, Spec
from core.reports.tables import Table
from core.statistics import (
    Comparison,
    RunScatter,
    compare,
    holm,
    nearest_scatter,
    run_scatter,
    share_repetitions,
)
from core.statistics.comparison import FEWEST_SUBJECTS
from core.statistics.scatter import NONE

NOISE: Final = "within noise"
_LEVEL: Final = 0.05
_ALL_PAIRS: Final = 5  # methods up to which all pairs are compared


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two methods, the better one first, and what may be said of their difference.

    Attributes:
        first: The one with the higher mean.
        second: The other one.
        images: Test images in common.
        comparison: Over those; None where they are too few.
        p: Adjusted for all comparisons of the board; NaN where nothing was tested.
        verdict: In words.
    """

    first: Method
    second: Method
    images: int
    comparison: Comparison | None
    p: float
    verdict: str


def compare_pairs(board: Board) -> tuple[list[Pair], bool]:
    """Compare all pairs of methods, or where there are many each with the best on its images.

    Returns:
        The pairs, and whether the scatter of repeated trainings is known: if not, what is said is
        said of runs, not of methods.
    """
    chosen = _chosen(board)
    metric = board.ranked_by.metric
    runs = _repetitions(board.methods, metric)
    shared = any(share_repetitions(run.repeat for run in each.runs) for each in board.methods)
    known = not isnan(run_scatter(runs, shared=shared).variance)
    values = {id(method): method.image_values(metric) for method in board.methods}
    images = [common_images(*pair) for pair in chosen]
    found = [
        _compare(
            _of(values[id(a)], ids),
            _of(values[id(b)], ids),
            _scatter(runs, board.methods, (a, b), shared=shared) if known else NONE,
        )
        for (a, b), ids in zip(chosen, images, strict=True)
    ]
    raw = [nan if c is None else c.p if known else c.p_subjects for c in found]
    return [
        Pair(
            first=a,
            second=b,
            images=len(ids),
            comparison=c,
            p=p,
            verdict=_verdict(a, b, c, p, known),
        )
        for (a, b), ids, c, p in zip(chosen, images, found, holm(raw), strict=True)
    ], known


def _chosen(board: Board) -> list[tuple[Method, Method]]:
    if len(board.methods) <= _ALL_PAIRS:
        return list(combinations(board.methods, 2))
    tested: dict[str, list[Method]] = {}
    for method in board.methods:
        tested.setdefault(board.letter(method), []).append(method)
    within = [(best, other) for best, *others in tested.values() for other in others]
    return within or [(board.methods[0], other) for other in board.methods[1:]]


def pair_table(board: Board, pairs: Sequence[Pair]) -> Table:
    """Return the comparisons for readers."""
    spec = board.ranked_by
    unit = f" ({spec.unit})" if spec.unit else ""
    numeric = (f"Difference{unit}", "95 %", "Images", "Subjects", "p (Holm)")
    rows = [
        [f"{pair.first.name} \N{MINUS SIGN} {pair.second.name}", *_cells(pair, spec), pair.verdict]
        for pair in pairs
    ]
    return Table(columns=("Methods", *numeric, "Verdict"), rows=rows, numeric=frozenset(numeric))


def pair_note(board: Board, *, known: bool) -> str:
    """Say what was tested, and what it allows to be said."""
    over = (
        f"Differences of {board.ranked_by.label} per subject, over the test images that both have; "
        "permutation test over subjects"
    )
    if len(board.methods) > _ALL_PAIRS:
        over = f"Each method beside the best one that was tested on the same images. {over}"
    if known:
        return (
            f"{over}, and a t test with the scatter of repeated trainings in it; the larger p "
            "counts, adjusted by Holm for all rows. Within noise: p of 0.05 or more."
        )
    return (
        f"{over}, adjusted by Holm for all rows. No method was trained more than once: THE SCATTER "
        "OF REPEATED TRAININGS IS NOT KNOWN. What is said holds for these runs over subjects, and "
        "not for their methods; trained again with another seed, they may come out the other way."
    )


def _repetitions(methods: Sequence[Method], metric: str) -> pd.DataFrame:
    """Return the runs' values, methods x repetitions: a seed or fold of one data each."""
    cells = {
        (number, f"{method.data_hash} {run.repeat}"): value
        for number, method in enumerate(methods)
        for run, value in zip(method.runs, method.values(metric), strict=True)
    }
    return pd.Series(cells, dtype=float).unstack()


def _scatter(
    runs: pd.DataFrame, methods: Sequence[Method], pair: tuple[Method, Method], *, shared: bool
) -> RunScatter:
    """Return the scatter of two methods' trainings, or if they are few, of those on their data."""
    own = [number for number, each in enumerate(methods) if any(each is one for one in pair)]
    data = {one.data_hash for one in pair}
    alike = [n for n, each in enumerate(methods) if len(data) > 1 or each.data_hash in data]
    return nearest_scatter(runs, own, alike, shared=shared)


def _of(values: pd.DataFrame, ids: Sequence[str]) -> pd.DataFrame:
    return values if values.empty else values[values["id"].astype(str).isin(ids)]


def _compare(first: pd.DataFrame, second: pd.DataFrame, scatter: RunScatter) -> Comparison | None:
    """Compare over common images; None where they are of fewer than six subjects."""
    if first.empty or second.empty or first["subject"].nunique() < FEWEST_SUBJECTS:
        return None
    return compare(first, second, scatter)


def _verdict(first: Method, second: Method, found: Comparison | None, p: float, known: bool) -> str:
    if found is None:
        return f"cannot be tested: too few subjects in common, {FEWEST_SUBJECTS} are needed"
    if isnan(p) or p >= _LEVEL:
        return NOISE if known else f"{NOISE} of subjects"
    higher = (first if found.difference > 0 else second).name
    return f"{higher} is better" if known else f"the runs differ: {higher} is ahead"


def _cells(pair: Pair, spec: Spec) -> list[str]:
    found = pair.comparison
    if found is None:
        return [ABSENT, ABSENT, str(pair.images), ABSENT, ABSENT]
    scale = 100 if spec.unit == "%" else 1
    difference, low, high = (
        f"{scale * value:+.{spec.decimals}f}".replace("-", "\N{MINUS SIGN}")
        for value in (found.difference, found.low, found.high)
    )
    p = ABSENT if isnan(pair.p) else "< 0.001" if pair.p < 0.001 else f"{pair.p:.3f}"
    return [difference, f"{low} to {high}", str(pair.images), str(found.subjects), p]
