"""`only`: an experiment that shows some of the rows of the one that it lies over.

over: table4_1
only: {training: ["Adam, no flips"]}      # by axis the values or labels that stay

What is said of the rows that stay remains: their paper's numbers, and other rows of a size.
"""

from __future__ import annotations

from itertools import compress
from typing import Any

from core.checks import require
from core.experiments.spec import Axes, combinations, label

Content = dict[str, Any]
ONLY = "only"


def narrowed(content: Content) -> Content:
    """Return an experiment's content with the rows that its `only` names, and without that key.

    Raises:
        InputError: If it names an axis or a value that no row has.
    """
    content = dict(content)
    wanted: Content = content.pop(ONLY, {})
    if not wanted:
        return content
    rows, sizes = content["rows"], content["sizes"]
    _check(wanted, [rows, *(size.get("rows", {}) for size in sizes.values())])
    kept = [_stays(row, wanted) for row in combinations(rows)]
    labels = {label(row) for row in compress(combinations(rows), kept)}
    columns = {name: _column(given, kept, labels) for name, given in content["columns"].items()}
    sizes = {name: _size(given, wanted) for name, given in sizes.items()}
    return {**content, "rows": _axes(rows, wanted), "columns": columns, "sizes": sizes}


def _check(wanted: Content, axes: list[Axes]) -> None:
    for axis, values in wanted.items():
        known = [value for rows in axes for value in rows.get(axis, [])]
        require(known, ONLY, "axes of rows", axis)
        wrong = [value for value in values if value not in known]
        require(not wrong, f"{ONLY}: {axis}", f"some of {', '.join(map(str, known))}", wrong)


def _stays(row: Content, wanted: Content) -> bool:
    return all(value in wanted.get(axis, [value]) for axis, value in row.items())


def _axes(axes: Axes, wanted: Content) -> Axes:
    """Return the axes with the wanted values, in their own order."""
    return {axis: _values(values, wanted.get(axis, values)) for axis, values in axes.items()}


def _values(values: Any, wanted: Any) -> Any:
    if isinstance(values, dict):
        return {name: given for name, given in values.items() if name in wanted}
    return [value for value in values if value in wanted]


def _column(column: Content, kept: list[bool], labels: set[str]) -> Content:
    """Return a column with the paper's numbers of the rows that stay."""
    if len(column.get("paper", ())) != len(kept):  # its own, for its own rows
        return column
    wrong = {name: value for name, value in column.get("misprints", {}).items() if name in labels}
    return {**column, "paper": list(compress(column["paper"], kept)), "misprints": wrong}


def _size(size: Content, wanted: Content) -> Content:
    return {**size, "rows": _axes(size["rows"], wanted)} if "rows" in size else size
