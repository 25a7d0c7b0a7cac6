import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.dashboards import server, sync
from tests.core.dashboards.fake_server import FakeWandb, serving

ROOT = Path(__file__).parents[3]


@pytest.fixture
def runs(cwd):
    """Two projects' runs: one sent, one resumed and unsent, one never logged."""
    for name in ("a/sent/wandb/offline-run-1-x", "a/new/wandb/offline-run-2-y"):
        folder = cwd / "runs" / name
        folder.mkdir(parents=True)
        (folder / f"run-{name[-1]}.wandb").touch()
    (cwd / "runs/a/sent/wandb/offline-run-1-x/run-x.wandb.synced").touch()
    (cwd / "runs/a/new/wandb/offline-run-3-y").mkdir()
    (cwd / "runs/a/new/wandb/offline-run-3-y/run-y.wandb").touch()
    (cwd / "runs/b/bare").mkdir(parents=True)
    return cwd / "runs"


@pytest.fixture
def called(monkeypatch):
    """Log in, and note calls of `wandb sync`, which leave its marks."""
    calls = []

    def run(command, **options):
        calls.append(command[command.index("--yes") + 1 :])
        for folder in calls[-1]:
            (record,) = sync.Path(folder).glob("*.wandb")
            record.with_suffix(".wandb.synced").touch()
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(server, "logged_in", lambda: True)
    monkeypatch.setattr(sync.subprocess, "run", run)
    return calls


UNSENT = ["runs/a/new/wandb/offline-run-2-y", "runs/a/new/wandb/offline-run-3-y"]


def test_what_was_sent_is_left(runs, called, capsys):
    assert sync.main([]) == 0
    assert called == [UNSENT]
    assert "2 runs sent" in capsys.readouterr().out
    assert sync.main([]) == 0
    assert called == [UNSENT]


def test_dry_only_lists(runs, called, capsys):
    assert sync.main(["--dry"]) == 0
    assert called == []
    assert capsys.readouterr().out == "".join(
        f"{name}\n" for name in [*UNSENT, "2 offline runs to send"]
    )


@pytest.mark.parametrize(
    ("words", "count"),
    [(["sent"], 0), (["new"], 1), (["runs/a/new"], 1), (["--project", "b"], 0)],
)
def test_runs_and_projects_are_chosen(runs, called, words, count):
    assert sync.main(words) == 0
    assert len(called) == count


def test_an_unknown_run_is_named(runs, capsys):
    assert sync.main(["ne"]) == 2
    assert "did you mean 'new'?" in capsys.readouterr().err


def test_nobody_logged_in_is_one_line(runs, monkeypatch, capsys):
    monkeypatch.setattr(server, "logged_in", lambda: False)
    assert sync.main([]) == 1
    assert capsys.readouterr().err == "error: not logged in to W&B: `wandb login` first\n"


def test_a_run_that_did_not_go_up_is_an_error(runs, called, monkeypatch, capsys):
    """`wandb sync` ends well although the server refused."""
    failed = subprocess.CompletedProcess([], 0, "", "wandb: ERROR no\n")
    monkeypatch.setattr(sync.subprocess, "run", lambda *args, **options: failed)
    assert sync.main([]) == 1
    assert capsys.readouterr().err == "error: wandb sync: wandb: ERROR no\n"


RUN = """
from core.callbacks import WandbLog
logger = WandbLog(save_dir="runs/paper/one", mode="offline")
logger.log_hyperparams({"method": "unet", "config_hash": "12ab", "csv": "/mnt/EVA/list.csv"})
logger.log_metrics({"val/dice": 0.5}, 1)
"""


@pytest.mark.slow
def test_a_run_goes_up_once_with_its_group_and_keys(cwd):
    state = FakeWandb()
    own = {key: value for key, value in os.environ.items() if not key.startswith("WANDB_")}
    own |= {"PYTHONPATH": str(ROOT), "HOME": str(cwd), "WANDB_API_KEY": "a" * 40}

    def python(*words, url=""):
        environment = {**own, "WANDB_BASE_URL": url} if url else own
        command = [sys.executable, *words]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=200)

    assert python("-c", RUN).returncode == 0
    with serving(state) as url:
        state.refuses = True
        refused = python("-m", "core.dashboards.sync", url=url)
        state.refuses = False
        said = [python("-m", "core.dashboards.sync", url=url) for _ in range(2)]
    assert refused.returncode == 1
    assert refused.stderr.startswith("error: wandb sync: ")
    assert [done.stdout.splitlines()[-1] for done in said] == [
        "1 runs sent",
        "0 offline runs to send",
    ]
    runs = [variables for query, variables in state.asked if "upsertBucket" in query]
    assert (runs[0]["project"], runs[0]["displayName"], runs[0]["groupName"]) == (
        "paper",
        "one",
        "12ab",
    )
    sent = {}
    for run in runs:
        sent |= json.loads(run["config"])
    assert sent["method"]["value"] == "unet"
    assert sent["csv"]["value"] == "<path>"
