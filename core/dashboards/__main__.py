"""`python -m core.dashboards PROJECT_FOLDER`: a project's workspace and report in W&B."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from core.checks import require
from core.commands import Parser, run_command
from core.dashboards.board import Board, read_board


def main(args: Sequence[str] | None = None) -> int:
    """Create or update the dashboard, or say what it would be where nobody is logged in.

    Args:
        args: Command-line arguments; None takes those of the process.

    Returns:
        0 when done, 2 when the folder is wrong, 1 when the server refuses.
    """
    return run_command(lambda: _run(args))


def _run(args: Sequence[str] | None) -> int:
    parser = Parser(prog="python -m core.dashboards", description=__doc__)
    parser.add_argument("project", type=Path, help="the project's folder, projects/<name>")
    board = read_board(parser.parse_args(args).project)
    there = find_spec("wandb_workspaces") is not None
    require(there, "wandb-workspaces", "installed: pip install 'sonolab[dashboards]'")
    from core.dashboards.server import logged_in, save

    lines = save(board) if logged_in() else _plan(board)
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 0


def _plan(board: Board) -> list[str]:
    """Say what would be made, and where the same is without a server."""
    from core.dashboards.panels import GROUPED_BY, SHOWN_KEYS, sections, title_of

    shown = [
        f"  {section.title}: {', '.join(map(title_of, section.panels))}"
        for section in sections(board)
    ]
    return [
        f"Not logged in to W&B. With `wandb login`, workspace and report of {board.project} get",
        *shown,
        f"  runs grouped by {' and '.join(GROUPED_BY)}; columns: {', '.join(SHOWN_KEYS)}",
        f"Without a server: make compare PROJECT={board.project} RUNS=all",
    ]


if __name__ == "__main__":
    sys.exit(main())
