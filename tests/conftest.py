"""What tests of several rooms share: commands run in-process, and data in the real layouts."""

import contextlib
import os
import re
import shutil
from typing import NamedTuple

import pytest

os.environ["OMP_NUM_THREADS"] = "1"  # before torch is imported: busy machines, equal bits

from tests.fakes import NERVE, TINY_NERVE, TINY_PHANTOM, write_kaggle, write_overlay


class Done(NamedTuple):
    """What a command left: exit code, and what it said."""

    code: int
    out: str
    err: str

    @property
    def errors(self):
        """The lines that say what is wrong; a progress bar may stand before them."""
        lines = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", self.err).replace("\r", "\n").splitlines()
        return [line.strip() for line in lines if line.strip().startswith("error: ")]


@pytest.fixture
def cwd(tmp_path, monkeypatch):
    """An empty working folder: runs and caches go there."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def command(cwd, capsys):
    """Run a project's command in this process and in the empty folder."""
    from core.cli import main

    def run(*words, project=NERVE):
        capsys.readouterr()
        code = main(project, [str(word) for word in words])
        said = capsys.readouterr()
        return Done(code, said.out, said.err)

    return run


@pytest.fixture
def fit(command, cwd):
    """Train on a tiny phantom; returns what the command left, and the run folder."""

    def run(name, *options):
        done = command("fit", "--run", name, *TINY_NERVE, *TINY_PHANTOM, *options)
        return done, cwd / "runs" / NERVE.name / name

    return run


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """The run folder of two epochs of three steps on a tiny phantom; not to be written to."""
    from core.cli import main

    folder = tmp_path_factory.mktemp("trained")
    overlay = write_overlay(folder / "often.yaml", save_every=2)
    words = ["fit", "--run", "first", "--config", str(overlay), *TINY_NERVE, *TINY_PHANTOM]
    with contextlib.chdir(folder):
        assert main(NERVE, [*words, "--trainer.max_epochs=2"]) == 0
    return folder / "runs" / NERVE.name / "first"


@pytest.fixture
def first(trained, cwd):
    """A copy of the trained run, as run "first" of the working folder."""
    run_dir = cwd / "runs" / NERVE.name / "first"
    shutil.copytree(trained, run_dir)
    return run_dir


@pytest.fixture
def kaggle(tmp_path):
    """A folder like the Kaggle competition's `train`."""
    return write_kaggle(tmp_path / "train")
