"""What a classifier leaves of a folder of cines: tables of cines and frames, a contact sheet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from lightning.pytorch import Callback, LightningModule, Trainer

from core.callbacks.gathered import Row, gathered
from core.files import replace_text, require_new_folder
from core.metrics import sequence_votes
from core.metrics.classification import PROBABILITY
from core.reports.predicted_cines import PAGE, PredictedCine, write_cine_page

_SEEN = ["sequence", "frame", "device"]


class CinePredictionWriter(Callback):
    """Writes cines.csv, frames.csv and a contact sheet into a folder of their own.

    cines.csv: cine, device, frames, majority and mean_probability (the class by either way), votes
    (share of frames for the majority) and confidence (mean probability of that class). frames.csv:
    cine, frame, predicted, confidence and `p/<class>`. Where the samples are clips each cine is
    decided on at once: there are neither votes nor frames.csv.

    Takes from the task's `predict_step` "probabilities" (B, K) and from the task its `classes`; the
    source's table tells each frame's `sequence`, `frame` and `device`.

    Args:
        output: Where to write; must not hold anything yet, so that nothing is ever overwritten.
        model: What predicts, for the contact sheet's heading.
    """

    def __init__(self, output: Path, model: str) -> None:
        require_new_folder(output, "--output")
        self.output, self.model = output, model
        self._rows: list[Row] = []

    @property
    def page(self) -> Path:
        """The contact sheet."""
        return self.output / PAGE

    def on_predict_batch_end(
        self,
        trainer: Trainer,
        pl_module: LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        """Keep what is said of a batch; not of copies that only pad it."""
        classes: Any = pl_module.classes
        columns = [f"{PROBABILITY}{name}" for name in classes]
        for place, given in enumerate(outputs["probabilities"].tolist()):
            if not batch["is_padding"][place]:
                of = dict(zip(columns, given, strict=True))
                best = max(range(len(given)), key=given.__getitem__)
                said = {"predicted": classes[best], "confidence": given[best]}
                self._rows.append({"index": int(batch["index"][place]), **said, **of})

    def on_predict_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Write the tables and the contact sheet; the first process does, for all."""
        rows = gathered(trainer, self._rows)
        if not trainer.is_global_zero:
            return
        data: Any = trainer.datamodule  # type: ignore[attr-defined]
        seen = data.source.table.loc[rows["index"], _SEEN].reset_index(drop=True)
        rows = seen.join(rows.drop(columns=["id", "subject"]))
        cines = _decided(rows)
        cines["frames"] = cines["cine"].map(data.source.table["sequence"].value_counts())
        if data.clip is None:
            frames = rows.drop(columns=["index", "device"]).rename(columns={"sequence": "cine"})
            replace_text(self.output / "frames.csv", frames.to_csv(index=False))
        else:
            cines = cines.drop(columns="votes")
        replace_text(self.output / "cines.csv", cines.to_csv(index=False))
        pictured = [_pictured(line, data) for line in cines.to_dict("records")]
        write_cine_page(self.output, pictured, model=self.model)


def _decided(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row a cine; see `CinePredictionWriter`."""
    votes = sequence_votes(rows.assign(truth="")).rename(columns={"sequence": "cine"})
    of = rows.merge(votes[["cine", "majority"]], left_on="sequence", right_on="cine")
    chosen = pd.Series([line[f"{PROBABILITY}{line['majority']}"] for line in of.to_dict("records")])
    by_cine = pd.DataFrame(
        {"votes": of["predicted"] == of["majority"], "confidence": chosen}
    ).groupby(of["cine"])
    kept = ["cine", "device", "frames", "majority", "mean_probability"]
    return votes[kept].merge(by_cine.mean().reset_index(), on="cine")


def _pictured(line: dict[Any, Any], data: Any) -> PredictedCine:
    """Return a line of cines.csv with the frame in the middle of its cine."""
    rows = np.flatnonzero(data.source.table["sequence"] == line["cine"])
    image, _ = data.shown(int(rows[len(rows) // 2]))
    return PredictedCine(
        name=line["cine"],
        image=image,
        predicted=line["majority"],
        votes=line.get("votes"),
        confidence=line["confidence"],
        frames=line["frames"],
    )
