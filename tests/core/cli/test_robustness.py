"""A model of any project, tested with and without annotations on its images."""

import json

import pandas as pd
import pytest

from core.cli.robustness import CLEAN
from tests.fakes import NERVE


@pytest.fixture
def evaluated(fit, command, cwd):
    """Train once, then test its checkpoint with these options; return what was left."""

    def run(*options):
        done, trained = fit("trained")
        assert done.code == 0, done.err
        done = command("test", "--ckpt", trained, "--run", "again", *options)
        assert done.code == 0, done.err
        folder = cwd / "runs" / NERVE.name / "again"
        return done, folder, json.loads((folder / "summary.json").read_text()), trained

    return run


def test_the_drop_is_told(evaluated):
    done, _, summary, trained = evaluated("--data.annotate=radial_line", "--trainer.logger=false")
    without = json.loads((trained / "summary.json").read_text())["metrics"]
    assert summary[CLEAN] == pytest.approx(without)
    with_, before = summary["metrics"]["test/dice"], without["test/dice"]
    assert f"with radial_line on the images; {before:.3f} without" in done.out
    assert f"a drop of {before - with_:.3f}" in done.out


def test_annotations_are_on_the_test_images_that_the_report_shows(evaluated):
    _, folder, summary, trained = evaluated(
        "--data.annotate=[flow_box,label]", "--trainer.logger=false"
    )
    assert "</html>" in (folder / "report.html").read_text()
    pairs = [pd.read_csv(run / "per_image.csv") for run in (trained, folder)]
    assert len(pairs[0]) == len(pairs[1])
    assert summary["metrics"]["test/loss"] != summary[CLEAN]["test/loss"]


def test_without_annotations_a_test_runs_once(evaluated):
    done, _, summary, _ = evaluated("--trainer.logger=false")
    assert CLEAN not in summary
    assert "drop" not in done.out


def test_a_misspelt_kind_is_told_with_the_nearest(fit):
    done, _ = fit("run", "--data.annotate=radial_lime")
    assert done.code != 0
    assert len(done.errors) == 1
    assert "radial_line" in done.errors[0]
