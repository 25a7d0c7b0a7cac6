"""An experiment as data: what varies, what is measured, and what the paper found.

title: "Table 1 ..."
where: {model.network.act: core.layers.NoisyHardSigmoid}     # holds for every cell
rows: {model.network.act.noise: [0.0, 0.1]}                  # a row for each combination
#     or {architecture: {U-Net: {config: unet}, Small: {model.network.widths: [8, 16]}}}
repeats: {data.split.fold: [0, 1]}                           # runs whose mean a row is
columns:
  test/dice: {name: "Dice (%)", scale: 100, paper: [52.41, 61.83]}   # misprints: {"0.1": 61.38}
sizes:
  small: {config: [], values: {trainer.max_epochs: 2}, repeats: {data.split.fold: [0]}}
  paper: {config: [paper]}
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import yaml

from core.checks import InputError, nearest, require
from core.dotted import flatten
from core.overlays import overlay_files, read_yaml

Values = dict[str, Any]
Axes = dict[str, list[Any] | dict[str, Values]]
"""What varies: a key with its values, or any name with labelled sets of values and overlays."""


@dataclass(frozen=True, kw_only=True)
class Column:
    """One metric of a table: its name, the factor to its unit, the paper's number of each row.

    Where the paper contradicts itself, `misprints` says by a row's label what the number must be.
    """

    metric: str
    name: str
    scale: float = 1.0
    paper: tuple[float | None, ...] = ()
    misprints: Mapping[str, float] = field(default_factory=dict)

    @property
    def decimals(self) -> int:
        """How many the paper prints; 3 where it prints nothing, none for what is counted."""
        if self.metric == "parameters":
            return 0
        printed = [str(value).partition(".")[2] for value in self.paper if value is not None]
        return max(map(len, printed)) if printed else 3


@dataclass(frozen=True, kw_only=True)
class Size:
    """How large an experiment is run: overlays, values, other rows or repeats where given."""

    config: list[str]
    values: Values
    rows: Axes
    repeats: Axes


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One run of an experiment: the row it belongs to, and the overlays and values that make it."""

    row: Values
    values: Values
    config: list[str]


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """A table or figure of a paper; `overlays` holds the classes that those named in rows pick."""

    name: str
    title: str
    where: Values
    rows: Axes
    repeats: Axes
    columns: tuple[Column, ...]
    sizes: dict[str, Size]
    overlays: dict[str, Values]
    curve: str | None = None

    def cells(self, size: Size) -> list[Cell]:
        """Return the runs of this size, rows first, repetitions within."""
        rows, repeats = self.rows | size.rows, self.repeats | size.repeats
        return [
            _cell(row, self.where, expanded(rows, row), expanded(repeats, repeat), size)
            for row in combinations(rows)
            for repeat in combinations(repeats)
        ]

    def paper_value(self, column: Column, row: Values) -> float | None:
        """Return what the paper reports for this row; None where it reports nothing."""
        for found, value in zip(combinations(self.rows), column.paper, strict=False):
            if found == row:
                return value
        return None

    def numbers_for(self, flat_config: Values) -> list[Values]:
        """Return the paper's numbers for the row that a config falls into; none if for no row."""
        rows = [
            row
            for row in combinations(self.rows)
            if all(flat_config.get(key) == value for key, value in self._wanted(row).items())
        ]
        return [
            {
                "table": self.title.split(":")[0],
                "label": column.name,
                "metric": column.metric,
                "scale": column.scale,
                "decimals": column.decimals,
                "paper": value,
                "misprint_of": column.misprints.get(label(row)),
            }
            for row in rows
            for column in self.columns
            if (value := self.paper_value(column, row)) is not None
        ]

    def _wanted(self, row: Values) -> Values:
        """What a config of this row says, the classes of its overlay included."""
        values = self.where | expanded(self.rows, row)
        return self.overlays.get(values.pop("config", ""), {}) | values


def combinations(axes: Axes) -> list[Values]:
    """Return every combination of the axes' values or labels; an empty one for no axes."""
    return [dict(zip(axes, values, strict=True)) for values in product(*axes.values())]


def label(row: Values) -> str:
    """Return a row's values in one line, without the rooms that classes are in."""
    last = (v.rsplit(".", 1)[-1] if isinstance(v, str) else f"{v}" for v in row.values())
    return " ".join(last)


def expanded(axes: Axes, chosen: Values) -> Values:
    """Return the values that a combination stands for; "config" among them is an overlay."""
    values: Values = {}
    for name, choice in chosen.items():
        axis = axes[name]
        values |= axis[choice] if isinstance(axis, dict) else {name: choice}
    return values


def _cell(row: Values, where: Values, own: Values, repeat: Values, size: Size) -> Cell:
    values = {**where, **own, **repeat, **size.values}
    overlay = values.pop("config", None)
    return Cell(row=row, values=values, config=[*size.config, *([overlay] if overlay else [])])


def read_experiment(project_dir: Path, name: str) -> Experiment:
    """Read experiments/<name>.yaml.

    Raises:
        InputError: If there is none of this name, or a key in it is wrong.
    """
    names = sorted(path.stem for path in (project_dir / "experiments").glob("*.yaml"))
    require(name in names, "--table", f"one of {', '.join(names)}{nearest(name, names)}", name)
    path = project_dir / "experiments" / f"{name}.yaml"
    content = yaml.safe_load(path.read_text())
    try:
        columns = tuple(
            Column(metric=metric, **{**column, "paper": tuple(column.get("paper", ()))})
            for metric, column in content.pop("columns").items()
        )
        sizes = {
            size: Size(**{"config": [], "values": {}, "rows": {}, "repeats": {}, **given})
            for size, given in content.pop("sizes").items()
        }
        content = {"where": {}, "repeats": {}, **content}
        overlays = _overlays(project_dir, content["rows"])
        _check_misprints(path, columns, combinations(content["rows"]))
        return Experiment(name=name, columns=columns, sizes=sizes, overlays=overlays, **content)
    except (KeyError, TypeError) as error:
        raise InputError(f"{path}: expected the keys of an experiment, got {error}") from error


def _check_misprints(path: Path, columns: tuple[Column, ...], rows: list[Values]) -> None:
    known = {label(row) for row in rows}
    wrong = sorted({name for column in columns for name in column.misprints} - known)
    require(not wrong, f"{path.name}: misprints", "labels of rows", ", ".join(wrong))


def _overlays(project_dir: Path, rows: Axes) -> dict[str, Values]:
    """Return the classes that each overlay named in rows picks, and what it switches.

    By dotted key. Not its numbers: a size, or whoever runs it, may have others and still be in
    that row.
    """
    labelled = [
        values for axis in rows.values() if isinstance(axis, dict) for values in axis.values()
    ]
    names = {values["config"] for values in labelled if "config" in values}
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
    names = sorted(path.stem for path in (project_dir / "experiments").glob("*.yaml"))
    experiments = [read_experiment(project_dir, name) for name in names]
    return [number for experiment in experiments for number in experiment.numbers_for(flat_config)]
