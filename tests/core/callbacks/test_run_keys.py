import json

import pytest

from core.callbacks import RunKeys, RunSummary
from core.run_keys import KEYS


class Taker:
    """A logger that takes hyper-parameters down."""

    def __init__(self):
        self.taken = []

    def log_hyperparams(self, values):
        self.taken.append(dict(values))


@pytest.fixture
def run(tiny, make_trainer, run_dir):
    """Train and test with keys; returns the summary's keys after each."""
    trainer = make_trainer(RunSummary(), RunKeys({"method": "unet", "seed": 3}))
    found = []
    for method in (trainer.fit, trainer.test):
        method(tiny.Task(), datamodule=tiny.Data())
        found.append(json.loads((run_dir / "summary.json").read_text())["keys"])
    return found


def test_training_and_test_write_every_key(run):
    for found in run:
        assert tuple(found) == KEYS
        assert (found["method"], found["seed"]) == ("unet", 3)
        assert (found["simulated"], found["data_hash"]) == (True, "abc")
        assert found["fold"] is None


def test_loggers_are_told_once_what_the_data_say(tiny, make_trainer):
    keys, taker, trainer = RunKeys({"method": "unet"}), Taker(), make_trainer()
    type(trainer).loggers.fset(trainer, [taker])
    trainer.datamodule = tiny.Data()
    for stage in ("fit", "test"):
        keys.setup(trainer, tiny.Task(), stage)
    (told,) = taker.taken
    assert told["data_hash"] == "abc"


def test_a_prediction_has_no_keys(tiny, make_trainer):
    keys = RunKeys({})
    keys.setup(make_trainer(), tiny.Task(), "predict")
    assert set(keys.keys.values()) == {None}
