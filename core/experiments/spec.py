"""An experiment as data: what varies, what is measured, and what the paper found.

title: "Table 1 ..."
where: {model.network.act: core.layers.NoisyHardSigmoid}     # holds for every cell
rows: {model.network.act.noise: [0.0, 0.1]}                  # a row for each combination
#     or {architecture: {U-Net: {config: unet}, Small: {model.network.widths: [8, 16]}}}, where
#     config is an overlay or a list of them
repeats: {data.split.fold: [0, 1]}                           # runs whose mean a row is
columns:
  test/dice: {name: "Dice (%)", scale: 100, paper: [52.41, 61.83]}   # misprints: {"0.1": 61.38}
sizes:
  small: {config: [], values: {trainer.max_epochs: 2}, repeats: {data.split.fold: [0]}}
  paper: {config: [paper]}
# Where wanted:
over: table1                                                 # everything of another experiment but
#     the keys that stand here
claims: [{says: ..., where: ..., metric: test/dice, higher: {...}, than: {...}}]   # see claims.py
first: {config: restore, values: {trainer.max_epochs: 5}}    # a run before all cells, over the
#     size's overlays; a size may change its values by first_values. "{first}" as a cell's value is
#     the path of its best checkpoint.
figure: {kind: curves, metric: train/loss, x: step}          # see figures.py; else a forest plot
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path
from typing import Any

from core.experiments.claims import FIXED, Claim

Values = dict[str, Any]
Axes = dict[str, list[Any] | dict[str, Values]]
"""What varies: a key with its values, or any name with labelled sets of values and overlays."""

FIRST = "{first}"
"""As a cell's value: the checkpoint of the run that comes before all cells."""

_DECIMALS = {"%": 1, "epochs": 1, "px": 1, "ms": 1, "dB": 2, "mm": 2}
"""Of values in a unit; of those without one 3."""


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
        """How many the paper prints; else what its unit needs, and none for what is counted."""
        if self.metric in FIXED:
            return 0
        printed = [str(value).partition(".")[2] for value in self.paper if value is not None]
        if printed:
            return max(map(len, printed))
        return next((few for unit, few in _DECIMALS.items() if self.name.endswith(f"({unit})")), 3)


@dataclass(frozen=True, kw_only=True)
class Size:
    """How large an experiment is run: overlays, values, other rows or repeats where given."""

    config: list[str] = field(default_factory=list)
    values: Values = field(default_factory=dict)
    rows: Axes = field(default_factory=dict)
    repeats: Axes = field(default_factory=dict)
    first_values: Values = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One run of an experiment: its row, which repetition, the overlays and values that make it."""

    row: Values
    values: Values
    config: list[str]
    repeat: Values = field(default_factory=dict)

    def begun_from(self, checkpoint: Path) -> Cell:
        """Return the cell with this file where a value is `FIRST`."""
        values = {key: str(checkpoint) if v == FIRST else v for key, v in self.values.items()}
        return replace(self, values=values)


@dataclass(frozen=True, kw_only=True)
class Done:
    """A tested run of an experiment: its row, which repetition, and its folder."""

    row: Values
    repeat: Values
    run: Path


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
    claims: tuple[Claim, ...] = ()
    first: Cell | None = None
    figure: Mapping[str, Any] = field(default_factory=dict)

    def cells(self, size: Size) -> list[Cell]:
        """Return the runs of this size, rows first, repetitions within."""
        rows, repeats = self.rows | size.rows, self.repeats | size.repeats
        return [
            _cell(row, repeat, self.where | expanded(rows, row) | expanded(repeats, repeat), size)
            for row in combinations(rows)
            for repeat in combinations(repeats)
        ]

    def first_of(self, size: Size) -> Cell | None:
        """Return the run that comes before the cells of this size, if any begins from one."""
        begun = any(FIRST in cell.values.values() for cell in self.cells(size))
        if self.first is None or not begun:
            return None
        config = [*size.config, *self.first.config]
        return replace(self.first, config=config, values=self.first.values | size.first_values)

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
            if all(_is(flat_config.get(key), value) for key, value in self._wanted(row).items())
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
        overlays = [self.overlays[name] for name in overlay_names(values)]
        return dict(ChainMap(values, *reversed(overlays)))


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


def _is(value: Any, wanted: Any) -> bool:
    """Whether a config has the value that a row wants; `FIRST` is some checkpoint."""
    return bool(value == wanted or (wanted == FIRST and value))


def _cell(row: Values, repeat: Values, values: Values, size: Size) -> Cell:
    values = values | size.values
    overlays = overlay_names(values)
    return Cell(row=row, repeat=repeat, values=values, config=[*size.config, *overlays])


def overlay_names(values: Values) -> list[str]:
    """Take the overlays, one name or a list of them, out of the values of a row."""
    given = values.pop("config", [])
    return [given] if isinstance(given, str) else list(given)
