"""The W&B server: who is logged in, what is there already, and saving in its place."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import wandb

from core.checks import RunError, first_line
from core.dashboards.board import Board
from core.dashboards.views import VIEW, make_report, make_workspace

_TIMEOUT_S: Final = 20


def logged_in() -> bool:
    """Whether W&B knows a key of the user's; asks neither user nor server."""
    wandb.setup(settings=wandb.Settings(silent=True))
    return bool(wandb.login(prompt=False, verify=False))


def save(board: Board) -> list[str]:
    """Create or update report and workspace of a project, and return their addresses.

    Raises:
        RunError: If the server refuses or does not answer.
    """
    with refusals():
        api = wandb.Api(timeout=_TIMEOUT_S)
        entity = str(api.default_entity)
        if board.project not in [known.name for known in api.projects(entity)]:
            api.create_project(board.project, entity)
        report = make_report(board, entity)
        report.id = _report_id(api, report)
        report.save()
        workspace = make_workspace(board, entity)
        workspace._internal_id = _view_id(board, entity)
        workspace.save()
        return [str(report.url), str(workspace.url)]


@contextmanager
def refusals() -> Iterator[None]:
    """Turn whatever the library raises into an error of one line."""
    try:
        yield
    except Exception as error:  # the library raises its own, GraphQL's, requests' and pydantic's
        raise RunError(f"W&B: {first_line(error)}") from error


def _report_id(api: wandb.Api, report: Any) -> str:
    """Return the id of the project's report of this title; empty if it has none yet."""
    known = api.reports(f"{report.entity}/{report.project}")
    return next((str(found.id) for found in known if found.display_name == report.title), "")


def _view_id(board: Board, entity: str) -> str:
    """Return the id of the project's workspace; empty if it has none yet."""
    from wandb_workspaces.workspaces.internal import get_view_dict

    try:
        found = get_view_dict(entity, board.project, VIEW.removeprefix("nw-").removesuffix("-v"))
    except ValueError as error:
        if "not found" in str(error):
            return ""
        raise
    return str(found["id"])
