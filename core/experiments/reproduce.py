"""Runs the cells of experiments, each once, and sets the results beside the paper's numbers."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import TYPE_CHECKING, Any

from core.checks import RunError
from core.experiments.cells import Plan, plan
from core.experiments.counts import reproduce_counts
from core.experiments.files import experiment_names, in_order, is_of_counts
from core.experiments.launch import Task, launch
from core.experiments.overview import write_overview
from core.experiments.page import write_table
from core.experiments.provenance import table_folder

if TYPE_CHECKING:  # brings matplotlib
    from pathlib import Path

    from core.reports.case_rows import Source

ALL = "all"
"""In the place of a table: all of them."""


def reproduce(
    project_dir: Path,
    table: str,
    size_name: str,
    overrides: list[str],
    *,
    jobs: int | None = None,
    ray: str | None = None,
    images: Source | None = None,
) -> list[Path]:
    """Run every cell of a table, or of all, and set the results beside the paper's numbers.

    What is done is not run again, and what was cut off goes on; tables share the cells that they
    have in common.

    Args:
        project_dir: The project's folder.
        table: The name of a file in its experiments/, or "all".
        size_name: "small" ends on a laptop in minutes, "paper" is the paper's own scale.
        overrides: Options that go to every cell.
        jobs: How many cells run at a time on this machine; None chooses by its devices and cores.
        ray: Address of a Ray cluster to run on, "local" for one on this machine; None for none.
        images: Gives the test images of a run, for figures that show them.

    Returns:
        The folder of each table.

    Raises:
        InputError: For an unknown table or size.
        RunError: If cells failed, or data could not be counted; all others have run, and their
            tables are written.
    """
    names = experiment_names(project_dir) if table == ALL else [table]
    of_counts = [name for name in names if is_of_counts(project_dir, name)]
    trained = [name for name in names if name not in of_counts]
    plans = [plan(project_dir, name, size_name, overrides) for name in trained]
    folders, uncounted = reproduce_counts(project_dir, of_counts, size_name, overrides)
    failed = _run(plans, jobs, ray)
    project = project_dir.name
    for own in plans:
        folder = table_folder(project, own.experiment.name, own.size, overrides)
        asked: dict[str, Any] = {"project": project, "size": own.size, "overrides": overrides}
        folders.append(write_table(own.experiment, own.done, folder, images=images, **asked))
    folders.sort(key=lambda folder: in_order(folder.name))
    if table == ALL and folders:
        print(write_overview(project, size_name, folders, overrides))
    elif folders:
        print((folders[0] / "table.md").read_text())
    _raise(uncounted, failed)
    return folders


def _raise(uncounted: list[str], failed: list[Task]) -> None:
    """Say in one line all that failed, if anything did."""
    said = []
    if uncounted:
        said.append(f"the data of {', '.join(uncounted)} could not be counted, see above")
    if failed:
        listed = ", ".join(sorted(str(task.run_dir) for task in failed))
        said.append(f"{len(failed)} runs failed, see log.txt in {listed}")
    if said:
        raise RunError("; ".join(said))


def _run(plans: list[Plan], jobs: int | None, ray: str | None) -> list[Task]:
    """Run what others begin from, then all others but those whose beginning failed."""
    firsts = _once(own.first for own in plans if own.first)
    failed = launch(firsts, jobs=jobs, ray=ray)
    begun = (own.tasks for own in plans if own.first not in failed)
    return [*failed, *launch(_once(chain.from_iterable(begun)), jobs=jobs, ray=ray)]


def _once(tasks: Iterable[Task]) -> list[Task]:
    """Return each run once, in the order of the tables."""
    return list({task.run_dir: task for task in tasks}.values())
