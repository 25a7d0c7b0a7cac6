import json

import pytest
import torch
from lightning.pytorch.callbacks import ModelCheckpoint

from core.callbacks.summary import RunSummary


def summary(run_dir):
    return json.loads((run_dir / "summary.json").read_text())


@pytest.fixture
def fitted(tiny, make_trainer, run_dir):
    """A finished training with its best checkpoint."""
    best = ModelCheckpoint(dirpath=run_dir / "checkpoints", monitor="val/dice", mode="max")
    trainer = make_trainer(RunSummary(seed=7), best, max_epochs=3, enable_checkpointing=True)
    trainer.fit(tiny.Task(scores=(0.2, 0.6, 0.4)), datamodule=tiny.Data())
    return trainer


def test_training_is_summed_up(fitted, run_dir):
    content = summary(run_dir)
    assert (content["project"], content["run"], content["stage"]) == ("project", "run", "fit")
    assert content["parameters"] == 5
    assert content["seed"] == 7
    assert content["epochs"] == 3
    assert content["best_epoch"] == 1
    assert content["best_score"] == pytest.approx(0.6)
    assert content["metrics"] == {}


def test_data_is_described_with_its_hash_and_sizes(fitted, run_dir):
    images = {"train": 5, "val": 2, "test": 5}
    expected = {"source": "SimpleNamespace", "hash": "abc", "simulated": True, "images": images}
    assert summary(run_dir)["data"] == expected


def test_code_packages_and_threads_are_recorded(fitted, run_dir):
    content = summary(run_dir)
    assert content["git"].keys() == {"commit", "dirty", "changes"}
    assert content["threads"] == torch.get_num_threads()
    assert len(content["packages"]) == 12


def test_times_are_in_plausible_order(fitted, run_dir):
    seconds = summary(run_dir)["seconds"]
    assert 0 < seconds["step"] < seconds["fit"]
    assert seconds["first_step"] > 0.5  # the process has imported torch before its first step


def test_test_adds_its_metrics_and_keeps_the_rest(fitted, tiny, make_trainer, run_dir):
    before = summary(run_dir)
    make_trainer(RunSummary()).test(tiny.Task(), datamodule=tiny.Data(), verbose=False)
    after = summary(run_dir)
    assert after["stage"] == "test"
    assert after["metrics"]["test/images"] == 5
    assert all(name.startswith("test/") for name in after["metrics"])
    assert after["seconds"].keys() == {*before["seconds"], "test"}
    kept = before.keys() - {"stage", "metrics", "seconds"}
    assert {key: after[key] for key in kept} == {key: before[key] for key in kept}


def test_undefined_metric_becomes_null(tiny, make_trainer, run_dir):
    make_trainer(RunSummary()).test(tiny.Task(), datamodule=tiny.Data(), verbose=False)
    assert summary(run_dir)["metrics"]["test/hd_mm"] is None


def test_new_training_forgets_an_earlier_test(fitted, tiny, make_trainer, run_dir):
    make_trainer(RunSummary()).test(tiny.Task(), datamodule=tiny.Data(), verbose=False)
    make_trainer(RunSummary()).fit(tiny.Task(), datamodule=tiny.Data())
    assert summary(run_dir)["metrics"] == {}


def test_test_alone_tells_the_facts_too(tiny, make_trainer, run_dir):
    make_trainer(RunSummary(seed=3)).test(tiny.Task(), datamodule=tiny.Data(), verbose=False)
    content = summary(run_dir)
    assert content["seed"] == 3
    assert content["versions"]["torch"]
    assert "epochs" not in content


def test_seed_is_lightnings_unless_given(tiny, make_trainer, run_dir, monkeypatch):
    monkeypatch.setenv("PL_GLOBAL_SEED", "11")
    make_trainer(RunSummary()).test(tiny.Task(), datamodule=tiny.Data(), verbose=False)
    assert summary(run_dir)["seed"] == 11


def test_time_of_a_resumed_training_goes_on(tiny, make_trainer, run_dir, tmp_path):
    callback = RunSummary()
    trainer = make_trainer(callback)
    trainer.fit(tiny.Task(), datamodule=tiny.Data())
    callback._fit_before = 1000.0
    trainer.save_checkpoint(tmp_path / "two.ckpt")
    make_trainer(RunSummary(), max_epochs=3).fit(
        tiny.Task(), datamodule=tiny.Data(), ckpt_path=tmp_path / "two.ckpt"
    )
    assert 1000 < summary(run_dir)["seconds"]["fit"] < 1100
