import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

SIZE = (48, 64)


def rectangle(top, left, height, width, size=SIZE):
    mask = np.zeros(size, np.uint8)
    mask[top : top + height, left : left + width] = 1
    return mask


class TinyRun:
    """A run folder of tiny images, and the function that reads them; counts what is read."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.read: list[int] = []
        self.truths: dict[int, np.ndarray] = {}
        (root / "predictions").mkdir(parents=True)

    def add(self, truth, prediction, subject="s0", **columns):
        index = len(self.truths)
        self.truths[index] = truth
        path = self.root / "predictions" / f"{index:06d}.png"
        Image.fromarray(prediction * np.uint8(255)).save(path)
        both, true, found = (int(m.sum()) for m in (truth & prediction, truth, prediction))
        dice = 2 * both / (true + found) if true + found else 1.0
        outcome = {(1, 1): "TP", (1, 0): "FN", (0, 1): "FP", (0, 0): "TN"}
        row = {"index": index, "id": f"im{index}", "subject": subject}
        row |= {"truth_px": true, "prediction_px": found, "dice": dice}
        row |= {"hd95_px": np.nan, "hd95_mm": np.nan} | columns
        return row | {"outcome": outcome[(int(true > 0), int(found > 0))]}

    def images(self, index):
        self.read.append(index)
        truth = self.truths[index]
        return np.full(truth.shape, 90, np.uint8), truth

    def write(self, rows, *, epochs=3, **summary):
        if rows:
            pd.DataFrame(rows).to_csv(self.root / "per_image.csv", index=False)
        if epochs:
            columns = {"epoch": range(epochs), "step": range(epochs)}
            columns |= {"train/loss": np.linspace(1, 0.5, epochs)}
            columns |= {"val/loss": 0.7, "val/dice": np.linspace(0.2, 0.6, epochs)}
            pd.DataFrame(columns).to_csv(self.root / "metrics.csv", index=False)
        (self.root / "config.yaml").write_text("data: {root: /mnt/pacs/JANSSON_EVA/nerves}\n")
        content = {"project": "tiny", "run": "one", "metrics": {}} | summary
        (self.root / "summary.json").write_text(json.dumps(content))


@pytest.fixture
def tiny_run(tmp_path):
    return TinyRun(tmp_path / "run")


@pytest.fixture
def mixed_rows(tiny_run):
    """Three subjects with each outcome."""
    empty, square, shifted = (
        rectangle(0, 0, 0, 0),
        rectangle(10, 10, 12, 12),
        rectangle(12, 10, 12, 12),
    )
    pairs = [(square, shifted), (square, empty), (empty, shifted), (empty, empty), (square, square)]
    return [
        tiny_run.add(
            truth, prediction, subject, hd95_px=2.0 if truth.any() and prediction.any() else np.nan
        )
        for subject in ("a", "b", "c")
        for truth, prediction in pairs
    ]
