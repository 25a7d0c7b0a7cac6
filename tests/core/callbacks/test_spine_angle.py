import json
from types import SimpleNamespace

import lightning.pytorch as pl
import numpy as np
import pandas as pd
import pytest
import torch
from torch.utils.data import DataLoader

from core.callbacks import RunSummary, SpineAngle
from core.checks import InputError
from core.shapes import spine_angle


def spine(amplitude):
    """A mask (200, 80) of features at both sides of a sine; lumbar below row 150."""
    mask = np.zeros((200, 80), np.uint8)
    for y in range(12, 190, 16):
        x = round(40 + amplitude * np.sin(2 * np.pi * y / 200))
        for side in (-14, 14):
            mask[y - 3 : y + 3, x + side - 4 : x + side + 4] = 2 if y < 150 else 3
    return mask


TRUTHS = {0: spine(0), 1: spine(6), 2: spine(10), 3: np.zeros((200, 80), np.uint8)}
PREDICTIONS = {0: spine(3), 1: spine(6), 2: spine(8), 3: spine(2)}


def collate(rows):
    return {
        "truth": [TRUTHS[row % 100] for row in rows],
        "index": torch.tensor(rows) % 100,
        "is_padding": torch.tensor(rows) >= 100,
        "spacing_mm": torch.tensor([[0.4, 0.2]] * len(rows)),
    }


class Task(pl.LightningModule):
    structures = ("rib", "thoracic", "lumbar")
    network = torch.nn.Identity()  # whose parameters the summary counts

    def test_step(self, batch, batch_idx):
        return {"masks": [PREDICTIONS[index] for index in batch["index"].tolist()]}


class Data(pl.LightningDataModule):
    def __init__(self, rows, **columns):
        super().__init__()
        table = pd.DataFrame({"id": [f"im{i}" for i in range(4)], "subject": "007"} | columns)
        self.source, self.fingerprint = SimpleNamespace(table=table, simulated=True), "abc"
        self.stages = {"test": rows}

    def test_dataloader(self):
        return DataLoader(self.stages["test"], batch_size=2, collate_fn=collate)


@pytest.fixture
def measured(make_trainer, run_dir):
    def run(rows=(0, 1, 2, 3), **columns):
        trainer = make_trainer(SpineAngle(), RunSummary(seed=1))
        trainer.test(Task(), datamodule=Data(rows, **columns), verbose=False)
        metrics = json.loads((run_dir / "summary.json").read_text())["metrics"]
        return pd.read_csv(run_dir / "spine_angle.csv", dtype={"subject": str}), metrics

    return run


def test_each_image_has_its_true_and_its_predicted_angle(measured):
    table, _ = measured((2, 0, 1))
    assert table.columns.tolist() == ["index", "id", "subject", "truth_deg", "prediction_deg"]
    assert table["id"].tolist() == ["im0", "im1", "im2"]
    for masks, column in ((TRUTHS, "truth_deg"), (PREDICTIONS, "prediction_deg")):
        expected = [spine_angle(masks[row], spacing_mm=(0.4, 0.2)) for row in range(3)]
        assert table[column].tolist() == pytest.approx(expected, rel=1e-5)


def test_error_is_the_mean_absolute_difference_where_both_are_defined(measured):
    table, metrics = measured()
    assert table["truth_deg"].isna().tolist() == [False, False, False, True]
    errors = (table["prediction_deg"] - table["truth_deg"]).abs()[:3]
    assert metrics["test/angle_error_deg"] == pytest.approx(errors.mean(), rel=1e-5)
    assert metrics["test/angle_undefined"] == 0


def test_images_in_which_too_little_is_found_are_counted(measured, monkeypatch):
    monkeypatch.setitem(PREDICTIONS, 1, np.zeros((200, 80), np.uint8))
    table, metrics = measured()
    assert table["prediction_deg"].isna().tolist() == [False, True, False, False]
    assert metrics["test/angle_undefined"] == 1


def test_padding_is_not_measured(measured):
    assert measured((1, 102))[0]["index"].tolist() == [1]


def test_angles_that_the_source_knows_stand_beside(measured):
    table, _ = measured((3, 1), cobb_deg=[10.0, 20.0, 30.0, 40.0])
    assert table["cobb_deg"].tolist() == [20.0, 40.0]


def test_an_earlier_test_is_forgotten(measured):
    measured((0, 1))
    assert measured((2,))[0]["index"].tolist() == [2]


def test_structure_that_the_task_does_not_know_is_refused_before_anything_runs(make_trainer):
    trainer = make_trainer(SpineAngle(["thoracic", "lumber"]))
    with pytest.raises(InputError, match="'lumber', did you mean 'lumbar'"):
        trainer.test(Task(), datamodule=Data((0,)), verbose=False)
