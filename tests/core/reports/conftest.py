import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.reports.masks import save_mask
from tests.core.reports.class_run import ClassRun
from tests.core.reports.removal_run import SCHEMES, RemovalRun

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
        """Keep an image with masks of one structure, and return its row of per_image.csv."""
        return self._score(self._keep(truth, prediction), truth, prediction, subject, columns)

    def add_structures(self, truth, prediction, names, subject="s0", **columns):
        """Keep an image with masks of several structures, and return a row for each."""
        index = self._keep(truth, prediction)
        return [
            {"structure": name}
            | self._score(index, truth == number, prediction == number, subject, columns)
            for number, name in enumerate(names, 1)
        ]

    def _keep(self, truth, prediction):
        index = len(self.truths)
        self.truths[index] = truth
        save_mask(prediction, self.root / "predictions" / f"{index:06d}.png")
        return index

    def _score(self, index, truth, prediction, subject, columns):
        both, true, found = (int(m.sum()) for m in (truth & prediction, truth, prediction))
        dice = 2 * both / (true + found) if true + found else 1.0
        outcome = {(1, 1): "TP", (1, 0): "FN", (0, 1): "FP", (0, 0): "TN"}
        row = {"index": index, "id": f"im{index}", "subject": subject}
        row |= {"truth_px": true, "prediction_px": found, "dice": dice}
        row |= {"precision": both / found if found else float(not true)}
        row |= {"recall": both / true if true else float(not found)}
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


GROUPS = ("HM70A, forearm", "HM70A, wrist", "miniSONO, forearm", "miniSONO, wrist")


def roc_curve(auc, group="all", structure="nerve"):
    points = {"structure": structure, "group": group, "fpr": [0, 0, 1], "tpr": [0, auc, 1]}
    return pd.DataFrame(points).assign(auc=auc)


@pytest.fixture
def grouped_rows(tiny_run):
    """Four groups of six subjects, each prediction some pixels off, one of them a total miss."""
    truth, empty = rectangle(10, 10, 12, 24), rectangle(0, 0, 0, 0)
    known = {"structure": "nerve", "spacing_row_mm": 0.1, "spacing_col_mm": 0.2}
    found = {"prediction_masses": 1, "prediction_ellipticity": 0.9}
    rows = [
        tiny_run.add(
            truth,
            rectangle(10 + rank, 10, 12, 24),
            f"s{rank}",
            test_group=group,
            hd_px=float(rank),
            hd_mm=0.1 * rank,
            **known,
            **found,
        )
        for group in GROUPS
        for rank in range(6)
    ]
    rows[5] = tiny_run.add(truth, empty, "s5", test_group=GROUPS[0], prediction_masses=0, **known)
    curves = [roc_curve(0.9, "all"), *(roc_curve(0.8, group) for group in GROUPS)]
    pd.concat(curves).to_csv(tiny_run.root / "roc.csv", index=False)
    return rows


@pytest.fixture
def removal_run(tmp_path):
    return RemovalRun(tmp_path / "run")


@pytest.fixture
def lone_run(tmp_path):
    """A run without a rival."""
    return RemovalRun(tmp_path / "lone", SCHEMES[:1])


@pytest.fixture
def class_run(tmp_path):
    return ClassRun(tmp_path / "run")


@pytest.fixture(scope="session")
def tested_run(tmp_path_factory):
    """A run that is only read."""
    run = ClassRun(tmp_path_factory.mktemp("tested") / "run")
    run.write(features=False)
    return run
