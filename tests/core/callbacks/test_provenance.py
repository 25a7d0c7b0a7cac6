import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch

from core.callbacks.provenance import (
    command,
    device_facts,
    git_state,
    packages,
    process_seconds,
    versions,
)


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
    assert changed == clean | {"dirty": True, "changes": changed["changes"]}
    assert (len(clean["commit"]), clean["dirty"], clean["changes"]) == (40, False, None)


def test_the_same_changes_have_the_same_digest_and_others_another(tmp_path):
    git(tmp_path, "init")
    (tmp_path / "core").mkdir()
    (tmp_path / "core" / "known.py").write_text("1")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-m", "first")

    def changes(name, text):
        (tmp_path / "core" / name).write_text(text)
        return git_state(tmp_path)["changes"]

    first = changes("known.py", "2")
    other = changes("known.py", "3")
    assert changes("known.py", "2") == first
    new = changes("new.py", "4")
    assert changes("new.py", "5") not in (new, first)
    assert changes("new.py", "4") == new
    assert len({first, other, new}) == 3


def test_packages_change_with_a_version(monkeypatch):
    def installed(**versions):
        found = [SimpleNamespace(name=n, version=v) for n, v in versions.items()]
        monkeypatch.setattr("core.callbacks.provenance.distributions", lambda: found)
        return packages()

    assert installed(a="1", b="2") == installed(b="2", a="1") != installed(a="1", b="3")
    assert len(installed(a="1")) == 12


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
