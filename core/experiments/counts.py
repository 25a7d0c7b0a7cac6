"""A paper's tables of its data: images by class and stage, counted in ours and set beside them.

title: "Table 3.1 ..."
counts:                       # of each class, by column of statistics.csv and split_statistics.csv
  A2C: {Images: 33809, train: 26663}
totals: {Images: 633761}      # as the paper prints them, which may hold more than these classes
figure: {kind: counts, plot: machines}      # one that `check-data` draws, instead of shares as bars
sizes:
  small: {config: []}
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from core.checks import nearest, require
from core.experiments import provenance
from core.experiments.files import experiment_content
from core.experiments.record import write_record
from core.files import replace_text
from core.reports.results import (
    PAPER,
    Entry,
    Heading,
    Picture,
    ResultPage,
    ResultRow,
    markdown,
    save_picture,
    write_results,
)
from core.reports.run_folder import FIGURES

COUNTED = ("statistics.csv", "split_statistics.csv")
"""What `check-data` leaves of labelled data."""
FACTS = "data.json"
"""What it says of the data: its source, and whether it is simulated."""
TOTAL = "Total"
_TOTALS = (
    "Our total counts each sequence once. The paper's is the one that it prints, which may hold "
    "images of other classes, too."
)
_OWN = shutil.ignore_patterns("table.*", "bars.png")
"""What a table has beside what `check-data` leaves."""


def reproduce_counts(
    project_dir: Path, names: Sequence[str], size_name: str, overrides: list[str]
) -> tuple[list[Path], list[str]]:
    """Count the project's data, once for all tables of the same, and set them beside the paper's.

    Args:
        project_dir: The project's folder.
        names: Experiments of counts.
        size_name: Which of their sizes.
        overrides: Options of the configuration.

    Returns:
        Folders with table.md, and what `check-data` counted and drew; and the names of those
        experiments whose data could not be counted.

    Raises:
        InputError: For an unknown size, or a figure or totals that there are not.
    """
    contents = {name: _content(project_dir, name, size_name) for name in names}
    project, known = project_dir.name, dict[tuple[str, ...], Path | None]()
    folders, failed = [], []
    for name, content in contents.items():
        overlays = content["sizes"][size_name].get("config", [])
        options = (*(f"--config={overlay}" for overlay in overlays), *overrides)
        folder = provenance.table_folder(project, name, size_name, overrides)
        if options not in known:
            known[options] = folder if _count(project, options, folder) else None
        if (counted := known[options]) is None:
            failed.append(name)
            continue
        if counted != folder:
            shutil.copytree(counted, folder, ignore=_OWN, dirs_exist_ok=True)
        asked: dict[str, Any] = {"table": name, "size": size_name, "overrides": overrides}
        write_counts(content, folder, project=project, **asked)
        folders.append(folder)
    return folders, failed


def _count(project: str, options: Sequence[str], folder: Path) -> bool:
    """Let `check-data` write into a folder; return whether it did."""
    command = [sys.executable, "-m", f"projects.{project}", "check-data", f"--output={folder}"]
    return subprocess.run([*command, *options]).returncode == 0


def _content(project_dir: Path, name: str, size_name: str) -> dict[str, Any]:
    """Return what an experiment says, checked.

    Raises:
        InputError: For an unknown size, or a figure or totals that there are not.
    """
    from core.reports.views_of_data import PLOTS

    content, file = experiment_content(project_dir, name), f"{name}.yaml"
    sizes, figure = content["sizes"], content.get("figure", {})
    require(size_name in sizes, "--size", f"one of {', '.join(sizes)}", size_name)
    if figure:
        require(set(figure) == {"kind", "plot"}, f"{file}: figure", "kind and plot", figure)
        require(figure["kind"] == "counts", f"{file}: figure.kind", "counts", figure["kind"])
        plot = figure["plot"]
        known = f"one of {', '.join(PLOTS)}{nearest(plot, PLOTS)}"
        require(plot in PLOTS, f"{file}: figure.plot", known, plot)
    columns = {column for row in content["counts"].values() for column in row}
    wrong = ", ".join(sorted({*content.get("totals", {})} - columns))
    require(not wrong, f"{file}: totals", f"of {', '.join(sorted(columns))}", wrong)
    return content


def write_counts(
    content: dict[str, Any],
    folder: Path,
    *,
    project: str,
    table: str,
    size: str,
    overrides: Sequence[str] = (),
) -> None:
    """Write the counts of each class, and of all, ours beside the paper's, with their figure.

    Args:
        content: Of the experiment's file.
        folder: Where `check-data` has left what it counted.
        project: The project's name.
        table: The name of the experiment's file.
        size: The size that was counted.
        overrides: Options of the configuration.
    """
    ours = pd.concat([pd.read_csv(folder / name, index_col="Class") for name in COUNTED], axis=1)
    papers = pd.DataFrame(content["counts"]).T
    facts = json.loads((folder / FACTS).read_text())
    whose = provenance.ours({facts["simulated"]})
    picture, note = _picture(content, ours, papers, folder, whose)
    papers.loc[TOTAL] = pd.Series(content.get("totals", {}), dtype=float)
    page = ResultPage(
        project=project,
        title=content["title"],
        summary=f"{facts['source']}, size '{size}'",
        warning=provenance.warning({facts["simulated"]}),
        headings=tuple(Heading(name=str(name), parts=(whose, PAPER)) for name in papers),
        rows=tuple(_row(name, papers.loc[name], ours) for name in papers.index),
        notes=(_TOTALS, note),
        command=provenance.command(project, table, size, overrides),
        picture=picture,
        beside={"statistics": "statistics.html", "table.md": "table.md"},
    )
    replace_text(folder / "table.md", markdown(page))
    write_record(folder, page, table=table, size=size)
    write_results(folder, page)


def _picture(
    content: dict[str, Any], ours: pd.DataFrame, papers: pd.DataFrame, folder: Path, whose: str
) -> tuple[Picture | None, str]:
    """Return the figure and what it shows: the one that was asked for, else each class's share."""
    from core.reports.bars import plot_bars
    from core.reports.views_of_data import WIDTH

    title, classes = content["title"], ours.drop(index=TOTAL)
    if "figure" not in content:
        plot = plot_bars(classes, papers, title, named=whose)
        return save_picture(plot, folder), "The figure shows each class's share."
    path = folder / FIGURES / f"{content['figure']['plot']}.png"
    if not path.is_file():
        return None, "No figure: these data do not say which machine an image is from."
    said = [
        f"{count}: {', '.join(f'{name} {_number(n)}' for name, n in classes[count].items())}"
        for count in papers
        if count in classes
    ]
    alt = f"{title}, {whose}. {'; '.join(said)}."
    return Picture(path=path, title=title, alt=alt, inches=WIDTH), f"The figure shows {whose}."


def _row(name: Any, papers: pd.Series, ours: pd.DataFrame) -> ResultRow:
    """Return a class's counts; a dash for what ours do not have."""
    own = ours.loc[name] if name in ours.index else pd.Series(dtype=float)
    numbers = [number for count, value in papers.items() for number in (own.get(count), value)]
    return ResultRow(name=str(name), entries=tuple(Entry(text=_number(n)) for n in numbers))


def _number(value: Any) -> str:
    return "-" if value is None or pd.isna(value) else f"{int(value):,}"
