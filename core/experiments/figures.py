"""The figure of an experiment, drawn as the paper's.

figure: {kind: curves, metric: val/dice}      # of each row, the mean of its runs; if wanted:
#   x: step                                   # instead of epoch
#   beside: train/accuracy                    # dotted in the same colour
#   panels: {L1: ["0.0"], MSE: ["0.1"]}       # labels of the rows in each panel
figure: {kind: by_size, series: network, share: data.split.share}     # test accuracy by axes
figure: {kind: roc}                           # the rows over each other; apart, if several classes
figure: {kind: confusion}                     # which class is taken for which, a matrix each row
figure: {kind: embedding}                     # features in two dimensions, a panel each row
figure: {kind: cases}                         # pictures of the same images, a row each; if wanted:
#   rows: ["DA-GAN"]                          # of these rows alone
#   own: notable                              # this figure of each run instead
figure: {kind: forest}                        # means, intervals, the paper's numbers: the default
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from core.checks import nearest, require
from core.experiments.claims import FIXED, TIMED
from core.experiments.collect import Line
from core.experiments.provenance import OURS, ours
from core.experiments.spec import Experiment
from core.experiments.values import run_value
from core.reports.results import Picture, save_picture
from core.reports.run_folder import EPOCHS, RunFolder

if TYPE_CHECKING:  # matplotlib is imported where it is used
    from core.reports.case_rows import Source
    from core.reports.drawing import Plot

Lines = Sequence[Line]
_PANELS: Final = 4  # of a forest
_CASES: Final = 12  # rows of pictures


def draw_figure(
    experiment: Experiment, lines: Lines, folder: Path, source: Source | None = None
) -> Picture | None:
    """Draw an experiment's figure into a folder.

    Args:
        experiment: What was run.
        lines: The rows of its table.
        folder: Where to write the picture.
        source: Gives the test images of a run, where they are to be had.

    Returns:
        The picture; None where the runs leave nothing to draw.
    """
    options = dict(experiment.figure)
    draw = KINDS[options.pop("kind", "forest")]
    options |= {"source": source} if draw is _cases else {}
    done = [line for line in lines if line.done]
    plot = draw(experiment, done if draw is not _forest else lines, **options) if done else None
    if plot is None:
        return None
    from core.reports.drawing import mark

    whose = ours(set().union(*(line.simulated for line in done)))
    if whose != OURS:
        mark(plot.figure, f"{whose.partition(', ')[2]} images")
    return save_picture(plot, folder)


def check_figure(file: str, figure: Mapping[str, Any]) -> None:
    """See that a figure is one that can be drawn.

    Raises:
        InputError: For another kind, or an option that its kind does not have.
    """
    kind = figure.get("kind", "forest")
    require(kind in KINDS, f"{file}: figure", f"one of {', '.join(KINDS)}{nearest(kind, KINDS)}")
    wrong = sorted({*figure} - {"kind"} - _OPTIONS.get(kind, set()))
    known = ", ".join(sorted(_OPTIONS.get(kind, set()))) or "no options"
    require(not wrong, f"{file}: figure of {kind}", known, ", ".join(wrong))


def _curves(experiment: Experiment, lines: Lines, metric: str, **look: Any) -> Plot | None:
    from core.reports.curves import plot_curves

    curves = {}
    for line in lines:
        runs = pd.concat([pd.read_csv(each.run / EPOCHS) for each in line.done])
        curves[line.name] = runs.groupby("epoch", as_index=False).mean(numeric_only=True)
    known = {name: curve for name, curve in curves.items() if metric in curve}
    return plot_curves(known, metric, experiment.title, **look) if known else None


def _by_size(experiment: Experiment, lines: Lines, series: str, share: str) -> Plot:
    from core.reports.by_size import plot_by_size

    rows = [
        {
            "network": line.row[series],
            "share": line.row[share],
            "accuracy": run_value(each.run, "test/accuracy"),
        }
        for line in lines
        for each in line.done
    ]
    return plot_by_size(pd.DataFrame(rows), experiment.title)


def _roc(experiment: Experiment, lines: Lines) -> Plot | None:
    from core.reports.roc import mean_roc, plot_rows_roc

    curves = {
        line.name: mean_roc([RunFolder.read(each.run).roc for each in line.done]) for line in lines
    }
    return plot_rows_roc(curves)


def _confusion(experiment: Experiment, lines: Lines) -> Plot | None:
    from core.reports.confusion import confusion_counts, plot_confusions

    counts = {}
    for line in lines:
        runs = [run for each in line.done if len((run := RunFolder.read(each.run)).classified)]
        if runs:
            every = pd.concat([run.classified for run in runs])
            counts[line.name] = confusion_counts(
                every["truth"], every["predicted"], runs[0].classes
            )
    return plot_confusions(counts, experiment.title, "images") if counts else None


def _embedding(experiment: Experiment, lines: Lines) -> Plot | None:
    from core.reports.embedding import plot_embeddings

    runs = {line.name: RunFolder.read(line.done[0].run) for line in lines}
    return plot_embeddings(runs, experiment.title)


def _cases(
    experiment: Experiment,
    lines: Lines,
    *,
    source: Source | None,
    rows: Sequence[str] = (),
    own: str | None = None,
) -> Plot | None:
    from core.reports.case_rows import plot_case_rows

    shown = [line for line in lines if not rows or line.name in rows][:_CASES]
    runs = {line.name: line.done[0].run for line in shown}
    return plot_case_rows(runs, experiment.title, source, own=own) if runs else None


def _forest(experiment: Experiment, lines: Lines) -> Plot | None:
    from core.reports.forest import plot_forest

    no_sample = {*FIXED, *TIMED}
    columns = sorted(experiment.columns, key=lambda c: (c.metric in no_sample, not c.paper))
    rows = [
        {
            "row": line.name,
            "measure": column.name,
            "paper": experiment.paper_value(column, line.row),
            **{
                part: getattr(line.numbers[column.metric], part) for part in ("mean", "low", "high")
            },
        }
        for column in columns[:_PANELS]
        for line in lines
    ]
    whose = ours(set().union(*(line.simulated for line in lines)))
    frame = pd.DataFrame(rows).astype({"paper": float})
    return plot_forest(frame, experiment.title, ours=whose) if rows else None


KINDS: Final[dict[str, Callable[..., Plot | None]]] = {
    "curves": _curves,
    "by_size": _by_size,
    "roc": _roc,
    "confusion": _confusion,
    "embedding": _embedding,
    "cases": _cases,
    "forest": _forest,
}
_OPTIONS: Final = {
    "curves": {"metric", "x", "beside", "panels"},
    "by_size": {"series", "share"},
    "cases": {"rows", "own"},
}
