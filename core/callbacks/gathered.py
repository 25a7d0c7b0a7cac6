"""What the processes of a run hold, brought together."""

from __future__ import annotations

from typing import Any, TypeVar

import pandas as pd
import torch
from lightning.pytorch import Trainer

Row = dict[str, Any]
T = TypeVar("T")


def of_all(trainer: Trainer, own: T) -> list[T]:
    """Return what every process holds, in their order; every process calls this."""
    if trainer.world_size == 1:
        return [own]
    parts: list[Any] = [None] * trainer.world_size
    torch.distributed.all_gather_object(parts, own)
    return parts


def gathered(trainer: Trainer, rows: list[Row]) -> pd.DataFrame:
    """Return the rows of all processes, by image; every process calls this, and gets all.

    Args:
        trainer: Knows the processes; its data's `source.table` knows id and subject of an image.
        rows: One an image, with its `index`.

    Returns:
        Columns index, id, subject, then the rows' own; empty where there are no rows.
    """
    rows = [row for part in of_all(trainer, rows) for row in part]
    if not rows:
        return pd.DataFrame()
    table = pd.DataFrame(rows).sort_values("index", ignore_index=True)
    known: pd.DataFrame = trainer.datamodule.source.table  # type: ignore[attr-defined]
    who = known.loc[table["index"], ["id", "subject"]].reset_index(drop=True)
    return pd.concat([table[["index"]], who, table.drop(columns="index")], axis=1)
