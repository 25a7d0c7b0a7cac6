import pytest
import yaml

from core.checks import InputError
from core.cli.stack import (
    differences,
    find_overlay,
    merge,
    read_stack,
    take_class_switches,
)
from core.dotted import find


@pytest.fixture
def project(tmp_path):
    (tmp_path / "configs").mkdir()
    (tmp_path / "config.yaml").write_text("trainer: {max_epochs: 3}")
    (tmp_path / "configs" / "paper.yaml").write_text("trainer: {max_epochs: 50}")
    return tmp_path


def test_later_values_win_and_others_stay():
    assert merge({"a": {"b": 1, "c": 2}}, {"a": {"b": 3}}) == {"a": {"b": 3, "c": 2}}


def test_same_class_keeps_the_arguments_that_are_not_named_again():
    lower = {"class_path": "Adam", "init_args": {"lr": 1, "weight_decay": 2}}
    assert merge(lower, {"class_path": "Adam", "init_args": {"lr": 3}})["init_args"] == {
        "lr": 3,
        "weight_decay": 2,
    }


def test_another_class_starts_with_a_clean_slate():
    lower = {"optimizer": {"class_path": "Adam", "init_args": {"lr": 1, "weight_decay": 2}}}
    upper = {"optimizer": {"class_path": "SGD", "init_args": {"lr": 3}}}
    assert merge(lower, upper) == upper


def test_another_class_takes_over_what_it_keeps():
    lower = {"class_path": "Adam", "init_args": {"lr": 1, "betas": {"first": 0.9, "second": 0.99}}}
    upper = {
        "class_path": "NAdam",
        "keep": ["betas"],
        "init_args": {"decay": 3, "betas": {"first": 0.5}},
    }
    assert merge(lower, upper) == {
        "class_path": "NAdam",
        "init_args": {"decay": 3, "betas": {"first": 0.5, "second": 0.99}},
    }


def test_the_same_class_keeps_everything_whatever_is_listed():
    lower = {"class_path": "Adam", "init_args": {"lr": 1, "decay": 2}}
    assert merge(lower, {"class_path": "Adam", "keep": ["lr"]}) == lower


def test_keeping_what_is_not_there_is_refused():
    lower = {"class_path": "Adam", "init_args": {"lr": 1}}
    with pytest.raises(InputError, match="keep: expected arguments of Adam, got momentum"):
        merge(lower, {"class_path": "SGD", "keep": ["lr", "momentum"]})


def test_a_list_replaces_a_list():
    assert merge({"callbacks": [1, 2]}, {"callbacks": [3]}) == {"callbacks": [3]}


def test_a_plus_appends_to_a_list():
    assert merge({"callbacks": [1]}, {"callbacks+": [2]}) == {"callbacks": [1, 2]}


def test_base_project_and_overlay_stack_in_order(project):
    assert read_stack(project, [])["trainer"]["max_epochs"] == 3
    assert read_stack(project, ["paper"])["trainer"]["max_epochs"] == 50
    assert read_stack(project, [])["seed_everything"] == 0


def test_an_overlay_may_be_a_path(project, tmp_path):
    mine = tmp_path / "mine.yaml"
    mine.write_text("trainer: {max_epochs: 7}")
    assert read_stack(project, [str(mine)])["trainer"]["max_epochs"] == 7


def test_an_unknown_overlay_names_the_nearest(project):
    with pytest.raises(
        InputError,
        match="--config: expected a file, or one of paper, did you mean 'paper'., got papr",
    ):
        find_overlay(project, "papr")


CONFIG = yaml.safe_load("""
model:
  class_path: Task
  init_args:
    network: {class_path: core.networks.A, init_args: {width: 8}}
""")


def test_a_class_switched_on_the_command_line_drops_the_former_arguments():
    config, others = take_class_switches(
        yaml.safe_load(yaml.safe_dump(CONFIG)),
        ["--model.network=core.networks.B", "--model.network.width=3"],
    )
    assert find(config, "model.network") == {"class_path": "core.networks.B"}
    assert others == ["--model.network.width=3"]


def test_differences_name_key_before_and_after():
    assert differences({"a": {"b": 1}}, {"a": {"b": 2}}) == ["a.b: 1 -> 2"]
