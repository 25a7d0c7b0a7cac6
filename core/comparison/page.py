"""The page that holds runs against each other: one HTML file that asks nothing of a network."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations, islice
from pathlib import Path
from typing import Any, Final

import pandas as pd

from core.comparison.boards import Board, common_images, make_boards
from core.comparison.images import image_plots
from core.comparison.leaderboard import leaderboard, notes
from core.comparison.methods import Method, group, settings_table
from core.comparison.pairs import compare_pairs, pair_note, pair_table
from core.comparison.pictures import Differing, Source, most_differing
from core.comparison.read import TestedRun
from core.files import replace_text
from core.reports.areas import Agree
from core.reports.curves import plot_curves
from core.reports.drawing import Plot
from core.reports.run_folder import FIGURES
from core.reports.templates import render

PAGE: Final = "compare.html"

_SCRIPT: Final = Path(__file__).with_name("sort.js")
_SHOWN_PAIRS: Final = 2  # of methods that are held beside each other
_NAMED: Final = 6  # methods that the head of the page names
_CURVES: Final = 12  # runs whose curves can be told apart
_DRAWN: Final = {
    "val/dice": "Dice of the validation images",
    "val/accuracy": "Accuracy on the validation images",
    "train/loss": "Loss of the training",
}


def write_comparison(
    runs: Sequence[TestedRun],
    folder: Path,
    source: Source,
    agree: Agree,
    *,
    project: str,
    left_out: Sequence[str] = (),
) -> Path:
    """Write compare.html, and its figures beside it.

    Args:
        runs: Two or more.
        folder: Where to write; made if it is missing.
        source: Gives images and true masks of a run's data; asked only for what is shown.
        agree: Measures the agreement of two methods' values.
        project: Whose runs they are.
        left_out: What to say of folders that are no tested runs, a line each.

    Returns:
        The page's path.
    """
    figures = folder / FIGURES
    figures.mkdir(parents=True, exist_ok=True)
    methods, repeated = group(runs)
    boards = make_boards(methods)
    shown = [_board(board, number, source, agree) for number, board in enumerate(boards, 1)]
    for part in shown:
        for plot in (*part["curves"], *part["images"]):
            plot.save(figures)
    script = _SCRIPT.read_text(encoding="utf-8")
    page = render(
        _SCRIPT.with_name(PAGE),
        figures=figures,
        head=_head(project, runs, methods, boards),
        left_out=[*left_out, *repeated],
        boards=shown,
        script=script,
        script_digest=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )
    replace_text(folder / PAGE, page)
    return folder / PAGE


def _head(
    project: str, runs: Sequence[TestedRun], methods: Sequence[Method], boards: Sequence[Board]
) -> dict[str, Any]:
    """Return what stands at the head of the page."""
    simulated = {board.simulated for board in boards}
    words = {
        frozenset({True}): "All images come from a simulator. The numbers show that the methods "
        "run, and say nothing about patients.",
        frozenset({True, False}): "Some of the runs are on images of a simulator: they stand in "
        "tables of their own and say nothing about patients.",
    }
    names = ", ".join(method.name for method in methods[:_NAMED])
    more = f" and {len(methods) - _NAMED} more" if len(methods) > _NAMED else ""
    count = "one method" if len(methods) == 1 else f"{len(methods)} methods"
    return {
        "project": project,
        "title": f"{len(runs)} runs compared",
        "subtitle": f"{count}: {names}{more}",
        "simulated": words.get(frozenset(simulated), ""),
    }


def _board(board: Board, number: int, source: Source, agree: Agree) -> dict[str, Any]:
    """Return all that the page shows of a leaderboard."""
    pairs, known = compare_pairs(board)
    beside = _beside(board)
    images = [plot for pair in beside for plot in image_plots(board, *pair, agree)]
    curves = _curves(board)
    return {
        "title": board.title,
        "leaderboard": leaderboard(board),
        "notes": notes(board),
        "settings": settings_table(board.methods),
        "pairs": pair_table(board, pairs) if pairs else None,
        "pair_note": pair_note(board, known=known),
        "repetitions": len(beside) > len(pairs),
        "curves": _named(curves, f"curves-{number}"),
        "curve_note": _curve_note(board) if curves else "",
        "images": _named(images, f"images-{number}"),
        "differing": [_shown(most_differing(board, *pair, source)) for pair in beside],
    }


def _beside(board: Board) -> list[tuple[Method, Method]]:
    """Return the best methods, or runs of the only one, that have images in common."""
    several = board.methods if len(board.methods) > 1 else board.methods[0].single_runs
    every = list(combinations(several, 2))
    shared = (pair for pair in every if common_images(*pair))
    return list(islice(shared, _SHOWN_PAIRS)) or every[:1]


def _shown(differing: Differing) -> dict[str, Any]:
    views = [view.name for case in differing.cases for view in case.views]
    return {
        "title": differing.title,
        "note": differing.note,
        "cases": differing.cases,
        "single": len(views) == len(differing.cases),
        "outlined": "Input and truth" in views,
    }


def _named(plots: Sequence[Plot], name: str) -> list[Plot]:
    """Return plots whose files do not meet those of others."""
    return [replace(plot, name=f"{name}-{place}") for place, plot in enumerate(plots, 1)]


def _curves(board: Board) -> list[Plot]:
    """Draw the validation's metric and the training's loss of the best methods' runs."""
    epochs = {run.name: run.folder.epochs for run in _trained(board)[:_CURVES]}
    drawn: list[Plot] = []
    for metric in _DRAWN:
        own = {name: rows for name, rows in epochs.items() if _has(rows, metric)}
        of_pixels = metric == "val/accuracy" and drawn  # beside Dice
        if own and not of_pixels:
            drawn.append(replace(plot_curves(own, metric, ""), title=_DRAWN[metric]))
    return drawn


def _curve_note(board: Board) -> str:
    trained = len(_trained(board))
    few = f"Of {trained} trained runs those of the best methods, {_CURVES} in all. "
    return (few if trained > _CURVES else "") + "Losses of different kinds cannot be compared."


def _trained(board: Board) -> list[TestedRun]:
    runs = [run for method in board.methods for run in method.runs]
    return [run for run in runs if not run.folder.epochs.empty]


def _has(rows: pd.DataFrame, metric: str) -> bool:
    return metric in rows and bool(rows[metric].notna().any())
