"""What is left of a reproduced table for the list of all: its claims, verdicts, runs and time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from core.files import replace_text
from core.reports.results import ResultPage

RECORD: Final = "table.json"


def write_record(
    folder: Path,
    page: ResultPage,
    *,
    table: str,
    size: str,
    runs: Mapping[str, float] | None = None,
    expected: int = 0,
) -> None:
    """Write table.json.

    Args:
        folder: Of the table.
        page: What is shown of it.
        table: The name of its file in experiments/.
        size: The size that was run.
        runs: The tested runs by name, and how many seconds each took.
        expected: How many the size has.
    """
    claims = [
        {"says": one.says, "where": one.where, "verdict": one.verdict, "why": one.why}
        for one in page.statements
    ]
    known = {
        "project": page.project,
        "table": table,
        "title": page.title,
        "size": size,
        "warning": page.warning,
        "command": page.command,
        "runs": dict(runs or {}),
        "expected": expected,
        "claims": claims,
    }
    replace_text(folder / RECORD, json.dumps(known, indent=2, ensure_ascii=False) + "\n")


def read_record(folder: Path) -> dict[str, Any]:
    """Return what a table's folder says of its experiment."""
    return dict(json.loads((folder / RECORD).read_text(encoding="utf-8")))
