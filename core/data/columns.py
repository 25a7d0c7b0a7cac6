"""A column of a source's table, asked for by name."""

from __future__ import annotations

import pandas as pd

from core.checks import nearest, require


def column_of(table: pd.DataFrame, name: str, key: str) -> pd.Series[str]:
    """Return a column as text.

    Args:
        table: One row a sample.
        name: Of the column.
        key: The argument that named it, for the error.

    Raises:
        InputError: If there is no such column.
    """
    known = [str(column) for column in table.columns]
    require(
        name in known, key, f"a column of the data: {', '.join(known)}{nearest(name, known)}", name
    )
    return table[name].astype(str)
