import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import torch

from core.callbacks.provenance import command, device_facts, git_state, process_seconds, versions


def git(folder, *arguments):
    who = ["-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run(["git", *who, "-C", folder, *arguments], check=True, capture_output=True)


def test_commit_and_changes_of_a_checkout(tmp_path):
    git(tmp_path, "init")
    git(tmp_path, "commit", "--allow-empty", "-m", "first")
    clean = git_state(tmp_path)
    (tmp_path / "new.py").write_text("")
    changed = git_state(tmp_path)
    assert clean is not None
    assert changed == clean | {"dirty": True}
    assert (len(clean["commit"]), clean["dirty"]) == (40, False)


def test_folder_inside_another_checkout_has_no_commit(tmp_path):
    git(tmp_path, "init")
    git(tmp_path, "commit", "--allow-empty", "-m", "first")
    (tmp_path / "installed").mkdir()
    assert git_state(tmp_path / "installed") is None


def test_no_checkout_and_no_git_are_no_failure(tmp_path, monkeypatch):
    assert git_state(tmp_path) is None
    monkeypatch.setenv("PATH", "")
    assert git_state(tmp_path) is None


def test_versions_are_those_of_the_modules():
    found = versions()
    assert found["numpy"] == np.__version__
    assert found["torch"] == torch.__version__.partition("+")[0]
    assert (
        f'version = "{found["sonolab"]}"'
        in (Path(__file__).parents[3] / "pyproject.toml").read_text()
    )


def test_process_age_grows_with_the_clock():
    first = process_seconds()
    time.sleep(0.05)
    assert 0.04 < process_seconds() - first < 1


def test_processor_is_named():
    facts = device_facts(torch.device("cpu"), 2)
    assert (facts["type"], facts["count"]) == ("cpu", 2)
    assert len(facts["name"]) > 2


def test_command_has_no_folders(monkeypatch):
    monkeypatch.setattr(
        sys, "orig_argv", ["/usr/bin/python3", "-m", "x", "--data.root=/mnt/EVA/set"]
    )
    assert command() == "python3 -m x --data.root=set"
