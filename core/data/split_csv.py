"""The split of a run as a file: which image was used for what."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from core.checks import InputError, require
from core.data.units import Stages
from core.files import replacing

_COLUMNS = ["index", "id", "subject", "stage"]


def write_split(path: Path, table: pd.DataFrame, stages: Stages) -> None:
    """Write one line an image, in order of the table: index, id, subject, stage.

    Raises:
        RunError: If the file cannot be written.
    """
    rows = np.concatenate(list(stages.values()))
    names = np.repeat(list(stages), [len(part) for part in stages.values()])
    order = np.argsort(rows, kind="stable")
    split = table[["id", "subject"]].iloc[rows[order]].assign(stage=names[order])
    with replacing(path) as file:
        file.write(split.to_csv(index_label="index").encode("utf-8"))


def keep_split(path: Path, table: pd.DataFrame, stages: Stages) -> None:
    """Write the split; where a run has one already, make sure that it is still the same.

    Raises:
        InputError: If the data or the split are others than when the run began.
    """
    if not path.is_file():
        write_split(path, table, stages)
        return
    former = read_split(path, table)
    moved = [name for name in stages if not np.array_equal(former[name], stages[name])]
    require(not moved, path, "the split that the run began with", f"another {', '.join(moved)}")


def read_split(path: Path, table: pd.DataFrame) -> Stages:
    """Return the row numbers of each stage in a file by `write_split`.

    Raises:
        InputError: If the file is missing or torn, or was written for other data than this table.
    """
    require(path.is_file(), path.name, "the split of a run", "no such file")
    try:
        split = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
        index = split["index"].to_numpy(np.int64)
    except (ValueError, KeyError) as error:
        raise InputError(f"{path.name}: expected columns {', '.join(_COLUMNS)}") from error
    columns = split.columns.tolist()
    require(columns == _COLUMNS, path.name, f"columns {', '.join(_COLUMNS)}", ", ".join(columns))
    _require_same_images(path, split.set_index(index), table)
    stage_of = split["stage"].to_numpy()
    return {stage: index[stage_of == stage] for stage in ("train", "val", "test")}


def _require_same_images(path: Path, split: pd.DataFrame, table: pd.DataFrame) -> None:
    """Refuse a split in which an index stands for another image or subject than in the table."""
    foreign = split.index.difference(table.index)
    require(foreign.empty, path.name, f"rows 0 to {len(table) - 1}", f"row {foreign.max()}")
    here = table.loc[split.index, ["id", "subject"]].astype(str)
    differs = (here != split[["id", "subject"]]).any(axis=1).to_numpy()
    if differs.any():
        row = split.index[differs][0]
        wanted, came = (" of subject ".join(t.loc[row, ["id", "subject"]]) for t in (here, split))
        raise InputError(f"{path.name}: expected image {wanted} in row {row}, got {came}")
