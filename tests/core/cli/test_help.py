import subprocess
import sys

import pytest
import yaml

from tests.fakes import NERVE

ROOT = NERVE.parents[1]
SNIPPET = """
import sys, time
from core.cli import main
code = main({project!r}, ["--help"])
assert not {{"torch", "lightning", "numpy", "pandas"}} & sys.modules.keys()
print("seconds", time.process_time())
sys.exit(code)
"""


@pytest.mark.parametrize("words", [[], ["--help"], ["fit", "-h"], ["help"]])
def test_help_tells_commands_options_and_overlays(command, words):
    done = command(*words)
    assert done.code == 0
    for word in ("fit", "predict", "reproduce", "--resume", "--trainer.max_epochs=", "paper"):
        assert word in done.out


def test_help_shows_the_projects_own_values(command):
    epochs = yaml.safe_load((NERVE / "config.yaml").read_text())["trainer"]["max_epochs"]
    assert f"--trainer.max_epochs={epochs}" in command("--help").out


def test_help_says_what_each_overlay_is_for(command):
    lines = command("--help").out.splitlines()
    for path in (NERVE / "configs").glob("*.yaml"):
        meaning = path.read_text().splitlines()[0].lstrip("# ")
        assert any(line.split(None, 1) == [path.stem, meaning] for line in lines), path.stem


def test_help_answers_without_torch_and_in_under_three_seconds():
    done = subprocess.run(
        [sys.executable, "-c", SNIPPET.format(project=str(NERVE))],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert float(done.stdout.rpartition("seconds")[2]) < 3


def test_all_options_are_listed_on_demand(command):
    done = command("fit", "--help", "all")
    assert done.code == 0
    for word in ("trainer.max_epochs", "trainer.gradient_clip_val", "seed_everything"):
        assert word in done.out
