"""Every committed sweep runs the command line as it is: names, values and metric are its own."""

from itertools import cycle, islice
from pathlib import Path

import pytest
import yaml

from core.cli.lightning_cli import HouseCLI
from core.cli.stack import read_stack, take_class_switches
from core.dotted import flatten

ROOT = Path(__file__).parents[2] / "projects"
SWEEPS = sorted(ROOT.glob("*/sweeps/*.yaml"))


class ParserOnly(HouseCLI):
    """Builds nothing."""

    def instantiate_classes(self):
        pass


def as_words(values):
    """Options as W&B's agent writes them in place of ${args}."""
    from wandb.sdk.launch.sweeps.utils import create_sweep_command_args

    return create_sweep_command_args({"args": {k: {"value": v} for k, v in values.items()}})["args"]


def samples(parameter):
    """Every value of a list; both ends and the middle of a range."""
    if "values" in parameter:
        return parameter["values"]
    if "value" in parameter:
        return [parameter["value"]]
    low, high = parameter["min"], parameter["max"]
    return [low, (low + high) / 2, high]


def trials(sweep):
    """As few trials as show every sample of each parameter."""
    each = {name: samples(parameter) for name, parameter in sweep["parameters"].items()}
    count = max(map(len, each.values()))
    columns = [list(islice(cycle(values), count)) for values in each.values()]
    return [dict(zip(each, values, strict=True)) for values in zip(*columns, strict=True)]


def parsed(project, words):
    config, overrides = take_class_switches(read_stack(ROOT / project, []), words)
    return ParserOnly(config, overrides, Path("runs")).full_config()


def test_every_project_has_a_sweep():
    assert {path.parents[1] for path in SWEEPS} == {p.parent for p in ROOT.glob("*/config.yaml")}


@pytest.mark.slow
@pytest.mark.parametrize("path", SWEEPS, ids=lambda path: f"{path.parents[1].name}-{path.stem}")
def test_a_sweep_speaks_the_command_line(path):
    project, sweep = path.parents[1].name, yaml.safe_load(path.read_text())
    command = ["${env}", "python", "-m", f"projects.{project}", "fit", "${args}"]
    assert (sweep["project"], sweep["command"]) == (project, command)
    for trial in trials(sweep):
        words = as_words(trial)
        assert all(word.startswith("--") and "=" in word for word in words)
        found = dict(flatten(parsed(project, words)))
        assert {name: found[name] for name in trial} == trial


@pytest.mark.parametrize("path", SWEEPS, ids=lambda path: f"{path.parents[1].name}-{path.stem}")
def test_a_sweeps_metric_is_what_checkpoints_are_chosen_by(path):
    from core import tasks

    project, sweep = path.parents[1].name, yaml.safe_load(path.read_text())
    task = read_stack(ROOT / project, [])["model"]["class_path"]
    headline = getattr(tasks, task.rsplit(".", 1)[-1]).headline
    assert sweep["metric"] == {"name": f"val/{headline}", "goal": "maximize"}
