"""Rows of a source's table by what its columns say: which to use, and which belong together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.checks import nearest, require
from core.data.columns import column_of

Value = str | int | float
Selection = Mapping[str, Value | list[Value]]
"""Column of a table to the value, or values, wanted there."""


def selected_rows(table: pd.DataFrame, select: Selection) -> npt.NDArray[np.int64]:
    """Return the rows whose columns hold these values, compared as text.

    Args:
        table: One row a sample.
        select: Column to the value or values wanted there.

    Raises:
        InputError: If a column is missing, or a value occurs nowhere in it, or no row is left.
    """
    chosen = np.ones(len(table), bool)
    for name, wanted in select.items():
        cells = column_of(table, name, "data.select")
        values = [str(value) for value in (wanted if isinstance(wanted, list) else [wanted])]
        known = sorted(cells.unique())
        for value in values:
            expected = f"one of {', '.join(known)}{nearest(value, known)}"
            require(value in known, f"data.select.{name}", expected, value)
        chosen &= cells.isin(values).to_numpy()
    said = ", ".join(f"{name} {value}" for name, value in select.items())
    require(chosen.any(), "data.select", "values that some row has together", said)
    return np.flatnonzero(chosen)


def group_names(table: pd.DataFrame, columns: Sequence[str]) -> list[str]:
    """Return the name of each row's group: its values in these columns, joined; [] for none.

    Raises:
        InputError: If a column is missing.
    """
    if not columns:
        return []
    values = [column_of(table, name, "data.group_by") for name in columns]
    return [", ".join(row) for row in zip(*values, strict=True)]
