import json
from types import SimpleNamespace

import lightning.pytorch as pl
import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.metrics import roc_auc_score
from torch.utils.data import DataLoader

from core.callbacks import AnnotationPresence, RunSummary
from core.checks import InputError
from core.metrics.confidence import confidence

KINDS = ("marker", "line", "box")
SIZE = (24, 40)
IMAGES = 12


def case(row):
    """Truth and scores of an image: the marker is on every second one, the line on none."""
    rng = np.random.default_rng(row)
    truth = np.zeros(SIZE, np.uint8)
    truth[2:8, 2:8] = row % 2
    truth[10:20, 5] = 3 if row % 3 == 0 else 0
    there = np.stack([truth == number for number in (1, 2, 3)])
    sure, unsure = rng.uniform(0.2, 0.9, (3, 1, 1)), rng.uniform(0, 0.7, (3, 1, 1))
    return truth, np.maximum(there * sure, unsure * rng.random((3, *SIZE))).astype(np.float32)


def collate(rows):
    return {
        "truth": [case(row % 100)[0] for row in rows],
        "index": torch.tensor(rows) % 100,
        "is_padding": torch.tensor(rows) >= 100,
    }


class Task(pl.LightningModule):
    structures = KINDS
    network = torch.nn.Identity()  # whose parameters the summary counts

    def test_step(self, batch, batch_idx):
        scores = [case(index)[1] for index in batch["index"].tolist()]
        return {"scores": [each[: len(self.structures)] for each in scores]}


class Data(pl.LightningDataModule):
    def __init__(self, rows):
        super().__init__()
        ids = [f"im{i}" for i in range(IMAGES)]
        table = pd.DataFrame({"id": ids, "subject": "007"})
        self.source, self.fingerprint = SimpleNamespace(table=table, simulated=True), "abc"
        self.stages = {"test": rows}

    def test_dataloader(self):
        return DataLoader(self.stages["test"], batch_size=5, collate_fn=collate)


@pytest.fixture
def measured(make_trainer, run_dir):
    def run(rows=tuple(range(IMAGES)), task=None):
        trainer = make_trainer(AnnotationPresence(), RunSummary(seed=1))
        trainer.test(task or Task(), datamodule=Data(list(rows)), verbose=False)
        metrics = json.loads((run_dir / "summary.json").read_text())["metrics"]
        return pd.read_csv(run_dir / "presence.csv", dtype={"subject": str}), metrics

    return run


def test_each_image_and_kind_has_its_truth_and_confidence(measured):
    table, _ = measured((3, 0, 1))
    columns = ["index", "id", "subject", "kind", "truth", "confidence"]
    assert table.columns.tolist() == columns
    assert table["kind"].tolist() == [*KINDS] * 3
    assert table["id"].tolist() == ["im0"] * 3 + ["im1"] * 3 + ["im3"] * 3
    assert table["truth"].tolist() == [0, 0, 1, 1, 0, 0, 1, 0, 1]
    expected = np.concatenate([confidence(case(row)[1]) for row in (0, 1, 3)])
    assert table["confidence"].tolist() == pytest.approx(expected)


def test_measures_of_each_kind_and_their_means_are_logged(measured):
    table, metrics = measured()
    kinds = {kind: table[table["kind"] == kind] for kind in KINDS}
    areas = {
        kind: roc_auc_score(kinds[kind]["truth"], kinds[kind]["confidence"])
        for kind in ("marker", "box")
    }
    assert 0.5 < min(areas.values()) < 1  # so that the test can fail
    for kind, area in areas.items():
        assert metrics[f"test/{kind}/presence_auc"] == pytest.approx(area, rel=1e-6)
    assert metrics["test/presence_auc"] == pytest.approx(np.mean([*areas.values()]), rel=1e-6)
    box = kinds["box"]
    found = box["confidence"] >= 0.5
    assert metrics["test/box/presence_sensitivity"] == pytest.approx(
        found[box["truth"] == 1].mean()
    )
    assert metrics["test/box/presence_specificity"] == pytest.approx(
        (~found)[box["truth"] == 0].mean()
    )


def test_kind_that_is_never_there_has_no_area_and_stays_out_of_the_means(measured):
    _, metrics = measured()
    assert metrics["test/line/presence_auc"] is None  # JSON's NaN
    assert metrics["test/line/presence_sensitivity"] is None
    sensitivities = [metrics[f"test/{kind}/presence_sensitivity"] for kind in ("marker", "box")]
    assert metrics["test/presence_sensitivity"] == pytest.approx(np.mean(sensitivities))


def test_a_task_of_one_structure_is_left_alone(measured, run_dir):
    task = Task()
    task.structures = ("annotation",)
    with pytest.raises(FileNotFoundError):
        measured((0, 1, 2, 3), task)
    assert not (run_dir / "presence.csv").exists()


def test_data_that_draw_other_kinds_are_refused(make_trainer):
    data = Data([0])
    data.annotator = SimpleNamespace(names=("line",))
    with pytest.raises(InputError, match="data.annotate.kinds: .*marker, line, box"):
        make_trainer(AnnotationPresence()).test(Task(), datamodule=data, verbose=False)


def test_padding_is_not_measured(measured):
    assert measured((1, 102))[0]["index"].unique().tolist() == [1]


def test_an_earlier_test_is_forgotten(measured):
    measured((0, 1))
    assert measured((2,))[0]["index"].unique().tolist() == [2]
