"""What is really sent, against a server on this machine that speaks W&B's GraphQL."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.run_keys import KEYS
from tests.core.dashboards.fake_server import FakeWandb, serving

ROOT = Path(__file__).parents[3]


def dashboard(home, *words, **variables):
    """Run the command with nothing of this machine's W&B settings."""
    bare = {key: value for key, value in os.environ.items() if not key.startswith("WANDB_")}
    return subprocess.run(
        [sys.executable, "-m", "core.dashboards", *words],
        env={**bare, "HOME": str(home), "NETRC": str(home / "none"), **variables},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def twice(home):
    """Make a dashboard, then make it again; the server's state, and what the command said."""
    state = FakeWandb()
    with serving(state) as url:
        login = {"WANDB_BASE_URL": url, "WANDB_API_KEY": "a" * 40}
        said = [dashboard(home, "projects/nerve_noisy_act", **login) for _ in range(2)]
        state.refuses = True
        refused = dashboard(home, "projects/nerve_noisy_act", **login)
    return state, said, refused


@pytest.fixture(scope="module")
def specs(twice):
    """The two views as the server keeps them: by type, parsed."""
    return {view["type"]: json.loads(view["spec"]) for view in twice[0].views.values()}


def grids(report):
    return [block["metadata"] for block in report["blocks"] if block["type"] == "panel-grid"]


def kinds(panels):
    return {panel["viewType"] for panel in panels}


@pytest.mark.slow  # imports W&B's library
def test_columns_are_keys_of_runs():
    from core.dashboards.panels import SHOWN_KEYS

    assert set(SHOWN_KEYS) <= set(KEYS)


@pytest.mark.slow
def test_a_second_time_updates_what_is_there(twice):
    state, said, _ = twice
    assert [done.returncode for done in said] == [0, 0], said[0].stderr
    assert said[0].stdout == said[1].stdout
    assert "/team/nerve_noisy_act?nw=sonolabruns" in said[0].stdout
    assert len(state.views) == 2
    assert [bool(saved.get("id")) for saved in state.saved] == [False, False, True, True]
    assert state.projects == {"nerve_noisy_act"}


@pytest.mark.slow
def test_a_server_that_refuses_is_one_line(twice):
    refused = twice[2]
    assert refused.returncode == 1
    (line,) = refused.stderr.strip().splitlines()
    assert line.startswith("error: W&B: ")
    assert "403" in line


@pytest.mark.slow
def test_workspace_has_every_kind_of_panel_and_groups_runs(specs):
    section = specs["project-view"]["section"]
    parts = section["panelBankConfig"]["sections"]
    assert "Cases" in [part["name"] for part in parts]
    assert kinds(panel for part in parts for panel in part["panels"]) == {
        "Bar Chart",
        "Run History Line Plot",
        "Parallel Coordinates Plot",
        "Parameter Importance",
        "Media Browser",
        "Run Comparer",
    }
    (runs,) = section["runSets"]
    assert [key["name"] for key in runs["grouping"]] == ["dataset.value", "method.value"]
    assert runs["runFeed"]["columnPinned"]["config:seed.value"]


@pytest.mark.slow
def test_pictures_of_the_same_cases_lie_beside_each_other(specs):
    parts = specs["project-view"]["section"]["panelBankConfig"]["sections"]
    (cases,) = [part["panels"][0] for part in parts if part["name"] == "Cases"]
    assert cases["config"]["mediaKeys"] == ["cases"]
    assert cases["config"]["gridSettings"] == {"xAxis": "index", "yAxis": "run"}


@pytest.mark.slow
def test_report_keeps_simulated_and_real_images_apart(specs):
    for grid in grids(specs["runs"]):
        filters = {runs["name"]: runs["filters"]["filters"][0] for runs in grid["runSets"]}
        assert {name: each["value"] for name, each in filters.items()} == {
            "Simulated images": True,
            "Real images": False,
        }


@pytest.mark.slow
def test_without_a_login_it_says_what_it_would_do(home):
    done = dashboard(home, "projects/echo_views")
    assert done.returncode == 0, done.stderr
    assert "Not logged in to W&B" in done.stdout
    assert "Leaderboard: test/accuracy" in done.stdout
    assert "make compare" in done.stdout


def test_a_wrong_folder_is_one_line(home):
    done = dashboard(home, "projects/nerve")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: nerve: expected a project")
