"""The panels of workspace and report: what the comparison page shows, as W&B draws it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import wandb_workspaces.reports.v2 as wr

from core.dashboards.board import Board

GROUPED_BY: Final = ("dataset", "method")
"""Keys whose values make a group: simulated and real images are never in one."""
SHOWN_KEYS: Final = (
    *("method", "dataset", "simulated", "split", "fold", "seed", "held_out"),
    *("config_hash", "data_hash", "git_commit", "dirty"),
)
"""Keys that are columns of the table of runs, in this order."""

_AXES: Final = ("method", "dataset", "split", "held_out", "fold", "seed")
_PICTURES: Final = ("outlines", "notable", "restoration", "removal", "pairs", "examples")
_WIDE, _HIGH = 24, 12  # grid units; a page is 24 wide


@dataclass(frozen=True, kw_only=True)
class Section:
    """Panels under one heading, and what they are for."""

    title: str
    note: str
    panels: Sequence[Any]


def sections(board: Board) -> list[Section]:
    """Return the sections of a project's dashboard, in order."""
    return [
        Section(
            title="Leaderboard",
            note="Mean and standard deviation of each group over its runs.",
            panels=[_bars(name) for name in board.metrics],
        ),
        Section(
            title="Curves",
            note="Mean and standard deviation of each group, over epochs.",
            panels=[_curve(name) for name in board.curves],
        ),
        Section(
            title="What moves the result",
            note="Each line is a run.",
            panels=[_parallel(board), _importance(board)],
        ),
        Section(
            title="Cases",
            note="The same test images in every run that has log_images on, then its figures.",
            panels=_images(),
        ),
        Section(
            title="Configs",
            note="What differs between the chosen runs.",
            panels=[wr.RunComparer(diff_only="split", layout=wr.Layout(w=_WIDE, h=_HIGH))],
        ),
    ]


def title_of(panel: Any) -> str:
    """Return what a panel shows, in a few words."""
    return getattr(panel, "title", None) or _UNTITLED[type(panel)]


_UNTITLED: Final = {
    wr.RunComparer: "Configs side by side",
    wr.ParameterImportancePlot: "Importance of each key",
}


def _bars(metric: str) -> Any:
    return wr.BarPlot(
        title=metric,
        metrics=[wr.SummaryMetric(metric)],
        groupby_aggfunc="mean",
        groupby_rangefunc="stddev",
    )


def _curve(metric: str) -> Any:
    return wr.LinePlot(
        title=metric,
        x="epoch",
        y=[metric],
        title_x="epoch",
        groupby_aggfunc="mean",
        groupby_rangefunc="stddev",
        smoothing_type="none",
    )


def _parallel(board: Board) -> Any:
    metrics = [wr.Config(name) for name in _AXES] + [wr.SummaryMetric(board.headline)]
    columns = [wr.ParallelCoordinatesPlotColumn(metric=m, display_name=m.name) for m in metrics]
    layout = wr.Layout(w=_WIDE, h=_HIGH)
    return wr.ParallelCoordinatesPlot(title="Keys and result", columns=columns, layout=layout)


def _importance(board: Board) -> Any:
    return wr.ParameterImportancePlot(with_respect_to=board.headline, layout=wr.Layout(w=_WIDE))


def _images() -> list[Any]:
    layout = wr.Layout(w=_WIDE, h=_HIGH)
    cases = wr.MediaBrowser(
        title="The same cases in every run",
        media_keys=["cases"],
        mode="grid",
        grid_x_axis="index",
        grid_y_axis="run",
        layout=layout,
    )
    figures = wr.MediaBrowser(
        title="Figures of each run",
        media_keys=list(_PICTURES),
        mode="gallery",
        gallery_axis="run",
        layout=layout,
    )
    return [cases, figures]
