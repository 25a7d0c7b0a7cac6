import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from core.callbacks.test_outputs import TestOutputs


def test_masks_are_written_by_row_of_the_source(tiny, make_trainer, run_dir):
    make_trainer(TestOutputs()).test(tiny.Task(), datamodule=tiny.Data((3, 7)), verbose=False)
    written = {
        path.name: np.asarray(Image.open(path)) for path in (run_dir / "predictions").iterdir()
    }
    assert set(written) == {"000003.png", "000007.png"}
    assert written["000003.png"].dtype == np.uint8
    assert np.unique(written["000003.png"]).tolist() == [0, 255]
    assert (written["000003.png"] > 0).sum() == 3


def test_table_joins_metrics_with_what_the_source_knows(tiny, make_trainer, run_dir):
    make_trainer(TestOutputs()).test(tiny.Task(), datamodule=tiny.Data((4, 2)), verbose=False)
    table = pd.read_csv(run_dir / "per_image.csv", dtype={"subject": str})
    assert table.columns[:4].tolist() == ["index", "id", "subject", "region"]
    assert table["index"].tolist() == [2, 4]
    assert table["id"].tolist() == ["im2", "im4"]
    assert table["subject"].tolist() == ["007", "007"]
    assert table["truth_px"].tolist() == [2, 4]
    assert table["outcome"].tolist() == ["TP", "TP"]


def test_padding_is_neither_written_nor_counted(tiny, make_trainer, run_dir):
    make_trainer(TestOutputs()).test(tiny.Task(), datamodule=tiny.Data((3, 105)), verbose=False)
    assert [path.name for path in (run_dir / "predictions").iterdir()] == ["000003.png"]
    assert pd.read_csv(run_dir / "per_image.csv")["index"].tolist() == [3]


def test_predictions_of_an_earlier_test_are_gone(tiny, make_trainer, run_dir):
    for rows in ((1, 2), (3,)):
        make_trainer(TestOutputs()).test(tiny.Task(), datamodule=tiny.Data(rows), verbose=False)
    assert [path.name for path in (run_dir / "predictions").iterdir()] == ["000003.png"]


def test_group_stands_in_the_table(tiny, make_trainer, run_dir):
    data = tiny.Data((3, 7), groups=["even", "odd"] * 5)
    make_trainer(TestOutputs()).test(tiny.Task(), datamodule=data, verbose=False)
    assert pd.read_csv(run_dir / "per_image.csv")["test_group"].tolist() == ["odd", "odd"]


def test_curves_are_written_and_those_of_an_earlier_test_are_gone(tiny, make_trainer, run_dir):
    class Scored(tiny.Task):
        def test_step(self, batch, batch_idx):
            truth = batch["truth"][0]
            self.curves.update("nerve", "wrist", truth * 0.5 + 0.25, truth)
            return super().test_step(batch, batch_idx)

    make_trainer(TestOutputs()).test(Scored(), datamodule=tiny.Data((3, 7)), verbose=False)
    points = pd.read_csv(run_dir / "roc.csv")
    assert points.groupby(["structure", "group"])["auc"].unique().to_dict() == {
        ("nerve", "all"): [1.0],
        ("nerve", "wrist"): [1.0],
    }
    assert points[["fpr", "tpr"]].max().tolist() == [1.0, 1.0]
    make_trainer(TestOutputs()).test(tiny.Task(), datamodule=tiny.Data((3, 7)), verbose=False)
    assert not (run_dir / "roc.csv").exists()


DDP = """
import importlib.util, sys, lightning.pytorch as pl
spec = importlib.util.spec_from_file_location("tiny", sys.argv[1])
tiny = importlib.util.module_from_spec(spec); spec.loader.exec_module(tiny)
from core.callbacks.epoch_log import EpochLog
from core.callbacks.summary import RunSummary
from core.callbacks.test_outputs import TestOutputs
trainer = pl.Trainer(accelerator="cpu", devices=2, strategy="ddp", max_epochs=2, logger=False,
    enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False,
    use_distributed_sampler=False, default_root_dir=sys.argv[2],
    callbacks=[EpochLog(), TestOutputs(), RunSummary(seed=1)])
task, data = tiny.TinyTask(), tiny.TinyData((0, 1, 2, 3, 4))
trainer.fit(task, datamodule=data)
trainer.test(task, datamodule=data, verbose=False)
"""


@pytest.mark.slow
def test_two_processes_write_what_one_does(tiny, make_trainer, run_dir, tmp_path):
    make_trainer(TestOutputs()).test(tiny.Task(), datamodule=tiny.Data(), verbose=False)
    script = tmp_path / "ddp.py"
    script.write_text(DDP)
    conftest, both = Path(__file__).with_name("conftest.py"), tmp_path / "ddp" / "run"
    done = subprocess.run(
        [sys.executable, script, conftest, both],
        cwd=Path(__file__).parents[3],
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": ".", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert (both / "per_image.csv").read_text() == (run_dir / "per_image.csv").read_text()
    assert len(list((both / "predictions").iterdir())) == 5
    assert pd.read_csv(both / "metrics.csv")["epoch"].tolist() == [0, 1]
