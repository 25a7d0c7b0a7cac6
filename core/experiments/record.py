"""What is left of a reproduced table for the list of all: its claims, verdicts, runs and time."""

from __future__ import annotations

import json
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
    runs: int = 0,
    expected: int = 0,
    seconds: float = 0.0,
) -> None:
    """Write table.json.

    Args:
        folder: Of the table.
        page: What is shown of it.
        table: The name of its file in experiments/.
        size: The size that was run.
        runs: How many runs were tested.
        expected: How many the size has.
        seconds: How long they took.
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
        "runs": runs,
        "expected": expected,
        "seconds": seconds,
        "claims": claims,
    }
    replace_text(folder / RECORD, json.dumps(known, indent=2, ensure_ascii=False) + "\n")


def read_record(folder: Path) -> dict[str, Any]:
    """Return what a table's folder says of its experiment."""
    return dict(json.loads((folder / RECORD).read_text(encoding="utf-8")))
