import importlib
import inspect
from pathlib import Path

import pytest

from core.checks import InputError
from core.cli.explain import explained
from core.cli.lightning_cli import HouseCLI
from core.cli.origins import at
from core.cli.stack import read_stack, take_class_switches
from core.cli.words import parse_words
from tests.fakes import NERVE

PROJECTS = sorted(path.parent for path in NERVE.parent.glob("*/config.yaml"))
FLAGS = [
    "--model.network.act=core.layers.NoisyHardTanh",
    "--model.network.act.noise=0.3",
    "--trainer.callbacks+=core.callbacks.PreciseBatchNorm",
    "--trainer.callbacks.images=33",
    "--trainer.max_epochs",
    "3",
    '--data.split={"init_args": {"val": 0.3}}',
]


def values_of(project, *words):
    return explained(project, parse_words(["explain", *words]))


def origins(project, *words):
    return {value.key: value.origin for value in values_of(project, *words)}


def run_config(project, words, run_dir):
    """What a run's config.yaml would hold, with everything built."""
    request = parse_words(["fit", *words])
    config, others = take_class_switches(read_stack(project, request.config), request.overrides)
    return HouseCLI(config, others, run_dir).full_config()


def counted(node):
    """How many values a config holds; a list of plain ones is one."""
    if isinstance(node, dict):
        return sum(map(counted, node.values()))
    if isinstance(node, list) and any(isinstance(item, dict) for item in node):
        return sum(map(counted, node))
    return 1


def assert_explains(project, words, cwd):
    config = run_config(project, words, cwd / "runs" / project.name / "RUN")
    values = values_of(project, *words)
    assert len(values) == counted(config)
    for value in values:
        if value.place[-1] != "save_dir":  # the only one that names the run's folder
            assert at(config, value.place) == value.value, value
    assert [value.place[-1] for value in values if value.origin == "set for each run"] == [
        "job_type",
        "save_dir",
    ]


def test_the_values_are_those_of_a_runs_config(cwd):
    assert_explains(NERVE, ["--config", "tanh", *FLAGS], cwd)


@pytest.mark.slow
@pytest.mark.parametrize("project", PROJECTS, ids=lambda path: path.name)
def test_the_values_are_those_of_every_projects_default_run(cwd, project):
    assert_explains(project, [], cwd)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("project", "overlay"),
    [
        ("median_sacunet", "noisy"),
        ("median_sacunet", "deep_supervision"),
        ("spine_dagan", "cyclegan"),
        ("annotation_n2n", "linknet"),
        ("echo_views", "machine"),
        ("echo_views", "rmsprop_flips"),
    ],
)
def test_the_values_are_those_of_a_run_with_an_overlay(cwd, project, overlay):
    assert_explains(NERVE.parent / project, ["--config", overlay], cwd)


def test_every_kind_of_origin_is_named(cwd):
    found = origins(NERVE, "--config", "tanh", *FLAGS)
    assert found["trainer.devices"].startswith("core/base.yaml:")
    assert found["model.loss"].startswith("projects/nerve_noisy_act/config.yaml:")
    assert found["model.network.act"] == "--model.network.act"
    assert found["model.network.act.noise"] == "--model.network.act.noise"
    assert found["trainer.callbacks.10"] == "--trainer.callbacks+"
    assert found["trainer.callbacks.10.images"] == "--trainer.callbacks.images"
    assert found["trainer.callbacks.9.images"].startswith("projects/nerve_noisy_act/config.yaml:")
    assert found["trainer.max_epochs"] == "--trainer.max_epochs"
    assert found["data.split.val"] == "--data.split"
    assert found["data.split.test"].startswith("projects/nerve_noisy_act/config.yaml:")
    assert found["data.split.by"] == "default of core.data.HoldoutSplit"
    assert found["data.seed"] == "linked from seed_everything"
    assert found["trainer.min_epochs"] == "default of lightning.Trainer"
    assert found["model.scheduler"] == "default of core.tasks.SegmentationTask"
    relu = origins(NERVE, "--config", "relu")
    assert relu["model.network.act"].startswith("projects/nerve_noisy_act/configs/relu.yaml:")


def default_of(named, argument):
    """What the signature of a class says, or that of one which it hands its arguments on to."""
    signatures = [inspect.signature(each).parameters for each in named.__mro__[:-1]]
    return next(found[argument].default for found in signatures if argument in found)


@pytest.mark.parametrize("project", PROJECTS, ids=lambda path: path.name)
def test_a_default_is_that_of_the_class_that_is_named(cwd, project):
    seen = 0
    for value in values_of(project):
        if value.origin.startswith("default of core.") and value.place[-2] == "init_args":
            module, _, name = value.origin.removeprefix("default of ").rpartition(".")
            default = default_of(getattr(importlib.import_module(module), name), value.place[-1])
            plain = list(default) if isinstance(default, tuple) else default
            plain = str(default) if isinstance(default, Path) else plain
            assert plain == value.value, value
            seen += 1
    assert seen > 10


def explanation(command, *words):
    done = command("explain", *words)
    assert done.code == 0, done.err
    return done.out


def test_the_list_fits_a_hundred_columns_and_is_aligned(command):
    lines = explanation(command).splitlines()
    assert max(map(len, lines)) <= 100
    assert lines[0].startswith("seed_everything")
    of_trainer = lines[lines.index("trainer") : lines.index("", lines.index("trainer"))]
    starts = {line.index(" default of ") for line in of_trainer if " default of " in line}
    assert len(starts) == 1


def test_a_key_is_shown_with_what_is_below_it(command):
    assert explanation(command, "--only", "model.network.act", "seed_everything").split("\n") == [
        "model.network.act  core.layers.NoisyHardSigmoid  projects/nerve_noisy_act/config.yaml:32",
        "  noise            0.05                          projects/nerve_noisy_act/config.yaml:32",
        "",
        "seed_everything  0  core/base.yaml:2",
        "",
    ]


def test_an_unknown_key_names_the_nearest(command):
    done = command("explain", "--only", "model.networks")
    assert done.code == 2
    assert "--only: expected a key of the config, did you mean 'model.network'" in done.err


def test_a_mistyped_option_stops_with_its_name(command):
    done = command("explain", "--trainer.max_epoch=3")
    assert done.code == 2
    assert "trainer.max_epochs" in done.err


def test_nothing_is_written(command, cwd):
    explanation(command)
    assert list(cwd.iterdir()) == []


def test_only_belongs_to_explain():
    with pytest.raises(InputError, match="--only: expected the command 'explain', got fit"):
        parse_words(["fit", "--only", "model"])
