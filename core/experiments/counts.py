"""A paper's tables of its data: images by class and stage, counted in ours and set beside them.

title: "Table 3.1 ..."
counts:                       # of each class, by column of statistics.csv and split_statistics.csv
  A2C: {Images: 33809, train: 26663}
sizes:
  small: {config: []}
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd

from core.checks import RunError, require
from core.experiments.files import experiment_content

CHECKED = "check-data"
COUNTED = ("statistics.csv", "split_statistics.csv")
"""Where `check-data` writes, and what it leaves there of labelled data."""
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
    text = _table(content, ours)
    (folder / "table.md").write_text(text)
    print(text)
    return folder


def _table(content: dict[str, Any], ours: pd.DataFrame) -> str:
    """Return the counts of each class, and of all, ours beside the paper's."""
    papers = pd.DataFrame(content["counts"]).T
    papers.loc[TOTAL] = papers.sum()
    head = ["class", *(f"{name} {whose}" for name in papers for whose in ("ours", "paper"))]
    lines = [f"# {content['title']}", "", _line(head), _line(["---"] * len(head))]
    counted = ours.to_dict("index")
    for label, row in papers.to_dict("index").items():
        own = counted.get(label, {})
        pairs = [(_number(own.get(name)), _number(value)) for name, value in row.items()]
        lines.append(_line([str(label), *(cell for pair in pairs for cell in pair)]))
    return "\n".join(lines) + "\n"


def _number(value: Any) -> str:
    return "-" if value is None or pd.isna(value) else f"{int(value):,}"


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
