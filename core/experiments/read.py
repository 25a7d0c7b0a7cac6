"""Experiments from their files: experiments/<name>.yaml of a project, read and checked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.checks import InputError, require
from core.dotted import flatten
from core.experiments.claims import read_claim
from core.experiments.figures import check_figure
from core.experiments.files import experiment_content, experiment_file, experiment_names
from core.experiments.spec import (
    FIRST,
    Axes,
    Cell,
    Column,
    Experiment,
    Size,
    Values,
    combinations,
    label,
    overlay_names,
)
from core.overlays import overlay_files, read_yaml


def read_experiment(project_dir: Path, name: str) -> Experiment:
    """Read experiments/<name>.yaml.

    Raises:
        InputError: If there is none of this name, or a key in it is wrong.
    """
    path, content = experiment_file(project_dir, name), experiment_content(project_dir, name)
    try:
        columns = tuple(
            Column(metric=metric, **{**column, "paper": tuple(column.get("paper", ()))})
            for metric, column in content.pop("columns").items()
        )
        sizes = {size: Size(**given) for size, given in content.pop("sizes").items()}
        first = _first(content.pop("first", None))
        claims = tuple(read_claim(claim) for claim in content.pop("claims", ()))
        content = {"where": {}, "repeats": {}, **content}
        overlays = _overlays(project_dir, content["rows"])
        read: dict[str, Any] = {
            "columns": columns,
            "sizes": sizes,
            "claims": claims,
            "first": first,
        }
        experiment = Experiment(name=name, overlays=overlays, **read, **content)
    except (KeyError, TypeError) as error:
        raise InputError(f"{path}: expected the keys of an experiment, got {error}") from error
    _check(path.name, experiment)
    return experiment


def _first(given: Values | None) -> Cell | None:
    """Return the run before all cells; its overlays are one name or a list of them."""
    if given is None:
        return None
    given = dict(given)
    overlays = overlay_names(given)
    return Cell(row={}, **{"values": {}, **given, "config": overlays})


def _check(file: str, experiment: Experiment) -> None:
    """Raise an InputError for labels that no row has, or a `FIRST` that nothing stands for."""
    own = {label(row) for row in combinations(experiment.rows)}
    wrong = sorted({name for column in experiment.columns for name in column.misprints} - own)
    require(not wrong, f"{file}: misprints", "labels of rows", ", ".join(wrong))
    cells = [cell for size in experiment.sizes.values() for cell in experiment.cells(size)]
    known = own | {label(cell.row) for cell in cells}
    check_figure(file, experiment.figure)
    panels = experiment.figure.get("panels", {})
    wrong = sorted({name for names in panels.values() for name in names} - known)
    require(not wrong, f"{file}: panels", "labels of rows", ", ".join(wrong))
    for claim in experiment.claims:
        claim.check(experiment)
    asked = any(FIRST in cell.values.values() for cell in cells)
    given = experiment.first is not None
    require(asked == given, f"{file}: first", f"a run, and {FIRST} as a value of cells", "only one")


def _overlays(project_dir: Path, rows: Axes) -> dict[str, Values]:
    """Return the classes that each overlay named in rows picks, and what it switches.

    By dotted key. Not its numbers: a size, or whoever runs it, may have others and still be in
    that row.
    """
    labelled = [
        values for axis in rows.values() if isinstance(axis, dict) for values in axis.values()
    ]
    names = {name for values in labelled for name in overlay_names(dict(values))}
    configs = project_dir / "configs"
    return {
        name: {
            key: value
            for file in overlay_files(configs / f"{name}.yaml", configs)
            for key, value in flatten(read_yaml(file))
            if value is None or isinstance(value, bool) or (isinstance(value, str) and "." in value)
        }
        for name in names
    }


def reference(project_dir: Path, flat_config: Values) -> list[Values]:
    """Return the paper's numbers for the row of each table that a run's config falls into.

    Args:
        project_dir: The project's folder.
        flat_config: The run's config, dotted keys without `init_args`; a class under its own key.

    Returns:
        One dict a number: `table`, `label`, `metric`, `scale`, `decimals`, `paper`.
    """
    files = [experiment_file(project_dir, name) for name in experiment_names(project_dir)]
    stating = [file.stem for file in files if "columns" in read_yaml(file)]  # not another's numbers
    experiments = [read_experiment(project_dir, name) for name in stating]
    return [number for experiment in experiments for number in experiment.numbers_for(flat_config)]
