"""A classifier of views applied to a folder of cines, as a user does."""

import contextlib
import shutil

import pandas as pd
import pytest

from tests.fakes import NERVE, TINY_HEART, TINY_VIEWS, write_cines

pytestmark = pytest.mark.slow

ECHO = NERVE.parent / "echo_views"


@pytest.fixture(scope="module")
def classifier(tmp_path_factory):
    """The best checkpoint of a short training."""
    from core.cli import main

    folder = tmp_path_factory.mktemp("classifier")
    words = ["fit", "--run", "first", *TINY_VIEWS, *TINY_HEART, "--trainer.max_epochs=1"]
    with contextlib.chdir(folder):
        assert main(ECHO, words) == 0
    return folder / "runs" / ECHO.name / "first" / "checkpoints" / "best.ckpt"


@pytest.fixture
def predict(command, cwd, classifier):
    write_cines(cwd / "in", patients=1)

    def run(folder="in"):
        words = ["--ckpt", classifier, "--input", folder, "--output", "out"]
        return command("predict", *words, project=ECHO)

    return run


def test_every_cine_is_given_a_view_and_nothing_is_said_to_differ(predict, cwd):
    done = predict()
    assert done.code == 0, done.err
    assert len(pd.read_csv(cwd / "out" / "cines.csv")) == 8
    assert "these win" not in done.out


def test_a_torn_cine_is_passed_over_and_named_once(predict, cwd):
    (cwd / "in" / "deep").mkdir()
    (cwd / "in" / "deep" / "torn.dcm").write_bytes(b"torn")
    done = predict()
    assert done.code == 0, done.err
    assert "skipped deep/torn.dcm: expected" in done.out
    assert done.out.count("torn.dcm") == 1


def test_a_missing_folder_is_named_as_it_was_given(predict, cwd):
    shutil.rmtree(cwd / "in")
    done = predict()
    assert done.code == 2
    assert done.errors == ["error: --input: expected a folder, got in"]
