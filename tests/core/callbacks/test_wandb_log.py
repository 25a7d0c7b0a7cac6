import subprocess
import sys
import warnings
from pathlib import Path
from types import SimpleNamespace

import jsonargparse
import numpy as np
import pytest
import wandb
from lightning.pytorch.loggers import Logger
from lightning.pytorch.utilities import rank_zero_only
from PIL import Image

from core.callbacks.wandb_log import WandbLog
from core.run_keys import KEYS


class FakeRun:
    """Takes down what it is told."""

    def __init__(self):
        self.logged, self.sent, self.pinned = [], {}, ()
        self.config = SimpleNamespace(
            update=lambda values, allow_val_change: self.sent.update(values)
        )

    def log(self, values):
        self.logged.append(values)

    def pin_config_keys(self, keys):
        self.pinned = keys

    def define_metric(self, *args, **kwargs):
        pass


@pytest.fixture
def started(monkeypatch):
    """Replace `wandb.init`; returns the list of what it was called with."""
    calls = []

    def init(**options):
        calls.append(SimpleNamespace(**options))
        return FakeRun()

    monkeypatch.setattr(wandb, "init", init)
    monkeypatch.setenv("WANDB_MODE", "offline")
    return calls


def broken(*args, **kwargs):
    raise RuntimeError("no luck")


def test_training_goes_on_with_one_warning_if_the_start_fails(
    tiny, make_trainer, run_dir, monkeypatch
):
    monkeypatch.setattr(wandb, "init", broken)
    trainer = make_trainer(logger=WandbLog(save_dir=str(run_dir), mode="offline"))
    with pytest.warns(UserWarning, match="W&B is off for the rest of this run.*no luck") as caught:
        trainer.fit(tiny.Task(), datamodule=tiny.Data())
    assert trainer.state.finished
    assert len([w for w in caught if "W&B" in str(w.message)]) == 1


def test_training_goes_on_with_one_warning_if_logging_fails(
    tiny, make_trainer, run_dir, started, monkeypatch
):
    monkeypatch.setattr(FakeRun, "log", broken)
    trainer = make_trainer(logger=WandbLog(save_dir=str(run_dir)))
    with pytest.warns(UserWarning, match="W&B is off") as caught:
        trainer.fit(tiny.Task(), datamodule=tiny.Data())
    assert trainer.state.finished
    assert len([w for w in caught if "W&B" in str(w.message)]) == 1


def test_every_call_after_a_failure_is_silent(tmp_path, monkeypatch):
    monkeypatch.setattr(wandb, "init", broken)
    logger = WandbLog(save_dir=str(tmp_path), mode="offline")
    with pytest.warns(UserWarning, match="W&B is off"):
        logger.log_metrics({"a": 1}, 0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        logger.log_metrics({"a": 1}, 1)
        logger.log_hyperparams({"a": 1})
        logger.experiment.log({"a": 1})


def test_server_that_does_not_answer_means_offline(tmp_path, monkeypatch):
    modes = []

    def init(**options):
        modes.append(options["mode"])
        return broken() if options["mode"] == "online" else FakeRun()

    monkeypatch.setattr(wandb, "init", init)
    logger = WandbLog(save_dir=str(tmp_path), mode="online")
    with pytest.warns(UserWarning, match="goes on offline"):
        logger.log_metrics({"a": 1}, 0)
    assert modes == ["online", "offline"]
    assert len(logger.experiment.logged) == 1


@pytest.mark.parametrize(
    ("variable", "logged_in", "mode"),
    [(None, False, "offline"), (None, True, "online"), ("offline", True, "offline")],
)
def test_mode_is_decided_at_the_start(tmp_path, started, monkeypatch, variable, logged_in, mode):
    monkeypatch.delenv("WANDB_MODE")
    if variable:
        monkeypatch.setenv("WANDB_MODE", variable)
    monkeypatch.setattr(wandb, "login", lambda **options: logged_in and not any(options.values()))
    assert WandbLog(save_dir=str(tmp_path)).experiment
    assert started[0].mode == mode


def test_run_is_named_after_its_folder_unless_told(tmp_path, started):
    folder = tmp_path / "nerve" / "one"
    assert WandbLog(save_dir=str(folder), group="g", job_type="fit", tags=["t"]).experiment
    assert WandbLog(save_dir=str(folder), project="p", name="n").experiment
    assert (started[0].project, started[0].name, started[0].dir) == ("nerve", "one", str(folder))
    assert (started[0].group, started[0].job_type, started[0].tags) == ("g", "fit", ["t"])
    assert (started[1].project, started[1].name) == ("p", "n")


def test_configuration_is_flat_and_without_paths(tmp_path, started):
    logger = WandbLog(save_dir=str(tmp_path))
    source = {"root": Path("/mnt/pacs/JANSSON_EVA"), "size": (96, 128)}
    logger.log_hyperparams({"data": {"source": source}, "monitor": "val/dice", "files": ["/p/EVA"]})
    assert logger.experiment.sent == {
        "data.source.root": "<path>",
        "data.source.size": [96, 128],
        "monitor": "val/dice",
        "files": ["<path>"],
    }


def test_people_that_a_config_chooses_are_left_out(tmp_path, started):
    logger = WandbLog(save_dir=str(tmp_path))
    logger.log_hyperparams({"data": {"select": {"subject": ["Eva"], "device": "E7"}}})
    sent = {"data.select.subject": "<chosen>", "data.select.device": "E7"}
    assert logger.experiment.sent == sent


@pytest.mark.parametrize(
    ("given", "keys", "group"),
    [
        ("own", {"config_hash": "abc"}, "own"),
        (None, {"config_hash": "abc"}, "abc"),
    ],
)
def test_group_is_the_given_one_or_what_repetitions_share(tmp_path, started, given, keys, group):
    logger = WandbLog(save_dir=str(tmp_path), group=given)
    logger.log_hyperparams(keys)
    assert started[0].group == group


def test_keys_are_shown_first(tmp_path, started):
    logger = WandbLog(save_dir=str(tmp_path))
    logger.log_hyperparams({"config_hash": "abc", "lr": 1})
    assert logger.experiment.pinned == KEYS


def test_metrics_are_logged_at_their_step(tmp_path, started):
    logger = WandbLog(save_dir=str(tmp_path))
    logger.log_metrics({"val/dice": 0.5}, 12)
    assert logger.experiment.logged == [{"val/dice": 0.5, "trainer/global_step": 12}]


def test_images_stay_here_unless_asked_for(tmp_path, started):
    Image.fromarray(np.zeros((4, 5), np.uint8)).save(tmp_path / "JANSSON_EVA.png")
    quiet = WandbLog(save_dir=str(tmp_path))
    quiet.log_image("examples", [tmp_path / "JANSSON_EVA.png"])
    open_handed = WandbLog(save_dir=str(tmp_path), log_images=True)
    open_handed.log_image("examples", [tmp_path / "JANSSON_EVA.png"], step=3)
    assert quiet.experiment.logged == []
    (sent,) = open_handed.experiment.logged
    assert sent["examples"][0].image.size == (5, 4)
    assert "JANSSON" not in str(vars(sent["examples"][0]))


def test_pictures_in_memory_are_sent_too(tmp_path, started):
    logger = WandbLog(save_dir=str(tmp_path), log_images=True)
    logger.log_image("cases", [np.zeros((4, 5, 3), np.uint8)])
    assert logger.experiment.logged[0]["cases"][0].image.size == (5, 4)


def test_other_ranks_start_nothing(tmp_path, started, monkeypatch):
    monkeypatch.setattr(rank_zero_only, "rank", 1)
    logger = WandbLog(save_dir=str(tmp_path))
    logger.log_metrics({"a": 1}, 0)
    logger.experiment.log({"a": 1})
    assert started == []


def test_logger_is_built_from_yaml(tmp_path):
    parser = jsonargparse.ArgumentParser(exit_on_error=False)
    parser.add_argument("--logger", type=list[Logger])
    text = (
        "[{class_path: core.callbacks.wandb_log.WandbLog, init_args: {mode: offline, tags: [a]}}]"
    )
    (logger,) = parser.instantiate(parser.parse_args([f"--logger={text}"])).logger
    assert logger.name == Path.cwd().parent.name


RUN = """
import sys
from pathlib import Path
from core.callbacks.wandb_log import WandbLog
print("JANSSON_EVA printed")
logger = WandbLog(save_dir=sys.argv[1])
logger.log_hyperparams({"data": {"root": sys.argv[1], "here": "JANSSON_EVA"}, "lr": 0.125})
logger.log_metrics({"val/dice": 0.625}, 3)
"""


@pytest.mark.slow
def test_offline_run_names_nobody(tmp_path):
    here = tmp_path / "JANSSON_EVA"
    (here / "JANSSON_EVA").mkdir(parents=True)
    (here / "JANSSON_EVA.py").write_text(RUN)
    folder = here / "runs" / "nerve" / "one"
    root = str(Path(__file__).parents[3])
    environment = {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": root,
        "HOME": str(here),
        "USER": "JANSSON_EVA",
    }
    subprocess.run(
        [sys.executable, here / "JANSSON_EVA.py", folder, "--data.root=/mnt/JANSSON_EVA"],
        cwd=here,
        env=environment,
        check=True,
        capture_output=True,
        timeout=120,
    )
    (run,) = (folder / "wandb").glob("offline-run-*")
    (record,) = run.glob("*.wandb")
    content = record.read_bytes()
    assert b"val/dice" in content
    assert b"data.root" in content
    assert b"JANSSON_EVA" not in content
    assert b"JANSSON_EVA" not in b"".join(
        p.read_bytes() for p in (run / "files").rglob("*") if p.is_file()
    )
