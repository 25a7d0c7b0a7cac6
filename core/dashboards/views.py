"""A project's workspace and report, as W&B's own library describes them."""

from __future__ import annotations

from typing import Any, Final

import wandb_workspaces.reports.v2 as wr
import wandb_workspaces.workspaces as ws
from wandb_workspaces import expr

from core.dashboards.board import Board
from core.dashboards.panels import GROUPED_BY, SHOWN_KEYS, sections

VIEW: Final = "nw-sonolabruns-v"
"""Name of the workspace on the server: a second one is never made."""

_COLUMNS: Final = tuple(f"config:{key}.value" for key in SHOWN_KEYS)


def make_workspace(board: Board, entity: str) -> ws.Workspace:
    """Return the workspace: runs grouped, sorted by result, their keys pinned as columns."""
    workspace = ws.Workspace(
        entity=entity,
        project=board.project,
        name=f"All runs of {board.project}",
        sections=[
            ws.Section(name=section.title, panels=list(section.panels), is_open=True)
            for section in sections(board)
        ],
        settings=ws.WorkspaceSettings(x_axis="epoch", max_runs=50),
        runset_settings=ws.RunsetSettings(
            groupby=[expr.Config(key) for key in GROUPED_BY],
            order=[expr.Ordering(expr.Summary(board.headline), ascending=False)],
            pinned_columns=["run:displayName", f"summary:{board.headline}", *_COLUMNS],
        ),
    )
    workspace._internal_name = VIEW
    return workspace


def make_report(board: Board, entity: str) -> wr.Report:
    """Return the report: each section on real and on simulated images, apart from each other."""
    blocks: list[Any] = [
        wr.P("Made from files; what is changed here is lost when it is made again."),
        wr.TableOfContents(),
    ]
    for section in sections(board):
        grid = wr.PanelGrid(runsets=_runsets(board, entity), panels=list(section.panels))
        blocks += [wr.H2(section.title), wr.P(section.note), grid]
    return wr.Report(
        project=board.project,
        entity=entity,
        title=f"Runs of {board.project} side by side",
        description="Runs grouped by data and method.",
        blocks=blocks,
        width="fluid",
    )


def _runsets(board: Board, entity: str) -> list[Any]:
    """Return the two tables of runs, simulated images and real ones."""
    return [
        wr.Runset(
            entity=entity,
            project=board.project,
            name=name,
            filters=[expr.Config("simulated") == simulated],
            groupby=[f"config.{key}" for key in GROUPED_BY],
            order=[wr.OrderBy(wr.SummaryMetric(board.headline), ascending=False)],
            pinned_columns=["run:displayName", f"summary:{board.headline}", *_COLUMNS],
        )
        for name, simulated in (("Simulated images", True), ("Real images", False))
    ]
