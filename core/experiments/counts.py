"""A paper's tables of its data: images by class and stage, counted in ours and set beside them.

title: "Table 3.1 ..."
counts:                       # of each class, by column of statistics.csv and split_statistics.csv
  A2C: {Images: 33809, train: 26663}
sizes:
  small: {config: []}
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd

from core.checks import RunError, require
from core.experiments import provenance
from core.experiments.files import experiment_content
from core.experiments.record import write_record
from core.files import replace_text
from core.reports.results import (
    Entry,
    Heading,
    ResultPage,
    ResultRow,
    markdown,
    save_picture,
    write_results,
)

CHECKED = "check-data"
COUNTED = ("statistics.csv", "split_statistics.csv")
"""Where `check-data` writes, and what it leaves there of labelled data."""
FACTS = "data.json"
"""What it says of the data: its source, and whether it is simulated."""
TOTAL = "Total"


def reproduce_counts(project_dir: Path, name: str, size_name: str, overrides: list[str]) -> Path:
    """Count the project's data, and set the numbers beside the paper's.

    Args:
        project_dir: The project's folder.
        name: An experiment of counts.
        size_name: Which of its sizes.
        overrides: Options of the configuration.

    Returns:
        Folder with table.md, and what `check-data` counted and drew.

    Raises:
        InputError: For an unknown size.
        RunError: If the data cannot be counted.
    """
    content = experiment_content(project_dir, name)
    sizes = content["sizes"]
    require(size_name in sizes, "--size", f"one of {', '.join(sizes)}", size_name)
    options = [f"--config={overlay}" for overlay in sizes[size_name].get("config", [])]
    command = [sys.executable, "-m", f"projects.{project_dir.name}", CHECKED]
    if subprocess.run([*command, *options, *overrides]).returncode:
        raise RunError(f"{name}: the data could not be counted, see above")
    runs = Path("runs") / project_dir.name
    folder = shutil.copytree(runs / CHECKED, runs / f"{name}-{size_name}", dirs_exist_ok=True)
    ours = pd.concat([pd.read_csv(folder / name, index_col="Class") for name in COUNTED], axis=1)
    write_counts(content, ours, folder, project=project_dir.name, table=name, size=size_name)
    return folder


def write_counts(
    content: dict[str, Any],
    ours: pd.DataFrame,
    folder: Path,
    *,
    project: str,
    table: str,
    size: str,
) -> None:
    """Write the counts of each class, and of all, ours beside the paper's, with their figure.

    Args:
        content: Of the experiment's file.
        ours: Counts by class, and the total.
        folder: Where `check-data` has left what it counted.
        project: The project's name.
        table: The name of the experiment's file.
        size: The size that was counted.
    """
    from core.reports.bars import plot_bars

    papers = pd.DataFrame(content["counts"]).T
    facts = json.loads((folder / FACTS).read_text())
    whose = provenance.ours({facts["simulated"]})
    plot = plot_bars(ours.drop(index=TOTAL), papers, content["title"], named=whose)
    papers.loc[TOTAL] = papers.sum()
    page = ResultPage(
        project=project,
        title=content["title"],
        summary=f"{facts['source']}, size '{size}'",
        warning=provenance.warning({facts["simulated"]}),
        headings=tuple(Heading(name=str(name), parts=(whose, "paper")) for name in papers),
        rows=tuple(_row(name, papers.loc[name], ours) for name in papers.index),
        notes=("The total counts each sequence once.", "The figure shows each class's share."),
        command=provenance.command(project, table, size),
        picture=save_picture(plot, folder),
        beside={"statistics": "statistics.html", "table.md": "table.md"},
    )
    replace_text(folder / "table.md", markdown(page))
    write_record(folder, page, table=table, size=size)
    write_results(folder, page)


def _row(name: Any, papers: pd.Series, ours: pd.DataFrame) -> ResultRow:
    """Return a class's counts; a dash for what ours do not have."""
    own = ours.loc[name] if name in ours.index else pd.Series(dtype=float)
    numbers = [number for count, value in papers.items() for number in (own.get(count), value)]
    return ResultRow(name=str(name), entries=tuple(Entry(text=_number(n)) for n in numbers))


def _number(value: Any) -> str:
    return "-" if value is None or pd.isna(value) else f"{int(value):,}"
