"""What the runs of a table were made with, and how to make them again."""

from __future__ import annotations

import hashlib
import json
import shlex
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from core.experiments.collect import Line
from core.reports.privacy import shown_command
from core.reports.run_folder import read_summary
from core.reports.tables import Table, commit_name, duration, versions_line

SIMULATED: Final = "ours, SIMULATED"
MIXED: Final = "ours, partly SIMULATED"
UNKNOWN: Final = "ours, perhaps SIMULATED"
OURS: Final = "ours"
_TIMED: Final = ("fit", "test")


def ours(simulated: Iterable[bool | None]) -> str:
    """Return how our numbers are called, by whether their images are simulated; None is unknown."""
    kinds = set(simulated)
    if None in kinds:
        return UNKNOWN
    return {True: SIMULATED, False: OURS}[kinds == {True}] if len(kinds) < 2 else MIXED


def warning(simulated: Iterable[bool | None]) -> str:
    """Return what must be known before any number is read; empty for real images."""
    return {
        OURS: "",
        SIMULATED: "SIMULATED IMAGES: Ours shows that the experiment runs and what it says of "
        "simulated images. It says nothing about patients, and cannot be held against the paper's "
        "numbers.",
        UNKNOWN: "PERHAPS SIMULATED IMAGES: Not all runs say whether their images are simulated. "
        "Until that is known, the numbers say nothing about patients.",
        MIXED: "PARTLY SIMULATED IMAGES: Each row says whether its images are simulated. Such rows "
        "say nothing about patients, and cannot be held against the paper's numbers or other rows.",
    }[ours(simulated)]


def command(project: str, table: str, size: str, overrides: Sequence[str] = ()) -> str:
    """Return the command that makes a table again; of paths in options only the last part."""
    words = " ".join(shlex.quote(shown_command([word])) for word in overrides)
    options = f" ARGS={shlex.quote(words)}" if words else ""
    return f"make reproduce PROJECT={project} TABLE={table} SIZE={size}{options}"


def named(name: str, size: str, overrides: Sequence[str] = ()) -> str:
    """Return a name that other sizes and other options do not have, such as "table1-small"."""
    digest = hashlib.sha256(json.dumps(list(overrides)).encode()).hexdigest()[:6]
    return f"{name}-{size}-{digest}" if overrides else f"{name}-{size}"


def table_folder(project: str, table: str, size: str, overrides: Sequence[str] = ()) -> Path:
    """Return the folder of a table."""
    return Path("runs") / project / named(table, size, overrides)


def seconds(runs: Iterable[Path]) -> float:
    """Return how long all runs took together, trainings and tests."""
    times = (read_summary(run).get("seconds") or {} for run in runs)
    return sum(float(known.get(name) or 0) for known in times for name in _TIMED)


def facts(lines: Sequence[Line], size: str) -> Table:
    """Return what the runs have in common, and how many there are of each kind where not all."""
    summaries = [read_summary(each.run) for line in lines for each in line.done]
    wanted = sum(line.expected for line in lines)
    total = seconds(each.run for line in lines for each in line.done)
    rows = [
        ["Size", size],
        ["Runs", f"{len(summaries)} of {wanted} tested"],
        ["Data", _listed(_data(summary) for summary in summaries)],
        ["Commit", _listed(commit_name(summary) for summary in summaries)],
        ["Versions", _listed(versions_line(summary) for summary in summaries)],
        ["Device", _listed(str((s.get("device") or {}).get("name", "")) for s in summaries)],
        ["Training and test", duration(total) if total else ""],
    ]
    return Table(columns=("What", "Value"), rows=[row for row in rows if row[1]])


def _listed(values: Iterable[str]) -> str:
    """Join the different values; with how many runs have each where they are not one."""
    every = [value for value in values if value]
    different = list(dict.fromkeys(every))
    if len(different) < 2:
        return "".join(different)
    return "; ".join(f"{value} ({every.count(value)} runs)" for value in different)


def _data(summary: Mapping[str, Any]) -> str:
    data = summary.get("data") or {}
    return f"{data.get('source', '')}{', simulated' if data.get('simulated') else ''}"
