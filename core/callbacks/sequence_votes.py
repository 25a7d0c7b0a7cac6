"""Whole cines classified by their frames, and what the network's last layer saw of each frame."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from lightning.pytorch import Callback, LightningModule, Trainer

from core.files import replace_text, replacing
from core.metrics import sequence_accuracy, sequence_votes
from core.reports.run_folder import FEATURES, SEQUENCES

_KNOWN = ["sequence", "subject", "device"]


class SequenceVotes(Callback):
    """Writes per_sequence.csv and features.npz after the test of a classifier.

    Logs

    - test/sequence_accuracy: by majority vote of a sequence's frames (Madani et al., npj Digital
      Medicine 2018; the thesis, Section 3.4.3);
    - test/sequence_accuracy_mean_probability: by the mean of their probabilities;
    - test/<device>/accuracy: of the frames of each machine, where there are several.

    Takes from the task its `image_table`, a `ClassTable`; the source's table tells of which
    `sequence` and `device` each frame is. Without sequences there is only features.npz.
    """

    def on_test_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Decide on each sequence; every process takes part."""
        table: Any = pl_module.image_table
        features, rows = table.features(), pd.DataFrame(table.rows())
        known: pd.DataFrame = trainer.datamodule.source.table  # type: ignore[attr-defined]
        what = known.loc[rows["index"]].reset_index(drop=True)
        rows = rows.join(what[[name for name in _KNOWN if name in what]])
        if trainer.is_global_zero:
            self._write_features(Path(trainer.default_root_dir), rows["index"], features)
        if "sequence" in rows:
            votes = sequence_votes(rows)
            if trainer.is_global_zero:
                path = Path(trainer.default_root_dir) / SEQUENCES
                replace_text(path, votes.to_csv(index=False))
            for name, value in (sequence_accuracy(votes) | _by_device(rows)).items():
                pl_module.log(f"test/{name}", value)

    def _write_features(self, folder: Path, index: Any, features: Any) -> None:
        with replacing(folder / FEATURES) as file:
            np.savez(file, index=np.asarray(index, np.int64), features=features)


def _by_device(rows: pd.DataFrame) -> dict[str, float]:
    """Return the accuracy of each machine's frames; nothing where there is one machine only."""
    if "device" not in rows or rows["device"].nunique() < 2:
        return {}
    shares = rows.groupby("device")["correct"].mean()
    return {f"{name}/accuracy": float(share) for name, share in shares.items()}
