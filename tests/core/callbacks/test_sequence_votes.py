from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch

from core.callbacks import SequenceVotes
from core.metrics import ClassTable

TRUTHS = [0, 0, 0, 1, 1]
PREDICTED = torch.tensor([[0.9, 0.1], [0.6, 0.4], [0.3, 0.7], [0.1, 0.9], [0.7, 0.3]])
INDEX = [7, 3, 5, 1, 2]
FEATURES = torch.arange(10.0).reshape(5, 2)


@pytest.fixture
def test_epoch(tmp_path):
    """End a test of five frames; returns what was logged, by name."""

    def end(**columns):
        table = pd.DataFrame({"id": range(9), **columns})
        results, logged = ClassTable(["A", "B"]), {}
        results.update(PREDICTED, torch.tensor(TRUTHS), torch.tensor(INDEX), FEATURES)
        task = SimpleNamespace(image_table=results, log=logged.__setitem__)
        trainer = SimpleNamespace(
            default_root_dir=str(tmp_path),
            is_global_zero=True,
            datamodule=SimpleNamespace(source=SimpleNamespace(table=table)),
        )
        SequenceVotes().on_test_epoch_end(trainer, task)
        return logged

    return end


SEQUENCES = ["", "x", "x", "y", "", "y", "", "y", ""]  # rows 7, 3, 5 are of y; 1 and 2 of x
DEVICES = ["", "E7", "E7", "V9", "", "V9", "", "V9", ""]


def test_each_sequence_has_a_row(test_epoch, tmp_path):
    logged = test_epoch(sequence=SEQUENCES, device=DEVICES, subject="007")
    votes = pd.read_csv(tmp_path / "per_sequence.csv", dtype={"subject": str})
    assert votes["sequence"].tolist() == ["x", "y"]
    assert votes["subject"].tolist() == ["007", "007"]
    assert votes["device"].tolist() == ["E7", "V9"]
    assert votes["frames"].tolist() == [2, 3]
    assert votes["truth"].tolist() == ["B", "A"]
    assert votes["majority"].tolist() == ["B", "A"]  # of x one vote each: B has the higher mean
    assert logged["test/sequence_accuracy"] == 1
    assert logged["test/sequence_accuracy_mean_probability"] == 1


def test_machines_are_told_apart_where_there_are_several(test_epoch):
    logged = test_epoch(sequence=SEQUENCES, device=DEVICES)
    assert logged["test/E7/accuracy"] == pytest.approx(1 / 2)
    assert logged["test/V9/accuracy"] == pytest.approx(2 / 3)


def test_of_one_machine_there_is_no_number_of_its_own(test_epoch):
    logged = test_epoch(sequence=SEQUENCES, device="E7")
    assert [name for name in logged if name.endswith("/accuracy")] == []


def test_features_are_kept_by_index_also_of_single_images(test_epoch, tmp_path):
    assert test_epoch() == {}
    assert not (tmp_path / "per_sequence.csv").exists()
    with np.load(tmp_path / "features.npz") as saved:
        index, features = saved["index"], saved["features"]
    assert index.tolist() == sorted(INDEX)
    np.testing.assert_array_equal(features, FEATURES[np.argsort(INDEX)].numpy())
