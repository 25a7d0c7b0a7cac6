"""Every origin that is stated is proved by changing the value there."""

from copy import deepcopy
from pathlib import Path

import pytest
import yaml

from core.cli.origins import at, lay_flags, marked_stack, origin
from core.cli.stack import read_stack
from core.overlays import read_yaml
from tests.fakes import NERVE

SLOW = pytest.mark.slow
PROJECTS = sorted(path.parent for path in NERVE.parent.glob("*/config.yaml"))


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "projects" / "mine"
    (folder / "configs").mkdir(parents=True)
    (folder / "config.yaml").write_text(
        "model:\n"
        "  class_path: Task\n"
        "  init_args:\n"
        "    sizes:\n"
        "    - 1\n"
        "    - 2\n"
        "    network: {class_path: Net, init_args: {width: 8, empty: [], none: {}}}\n"
        "callbacks: [first]\n"
    )
    return folder


def overlay(project, text):
    (project / "configs" / "over.yaml").write_text(text)
    return marked_stack(project, ["over"], [])


NETWORK = ("model", "init_args", "network")
OWN = "projects/mine/config.yaml"
OVER = "projects/mine/configs/over.yaml"


def test_values_lists_and_empty_ones_know_their_line(project):
    tree = marked_stack(project, [], [])
    lines = {
        ("model", "class_path"): 2,
        ("model", "init_args", "sizes"): 5,
        (*NETWORK, "init_args", "width"): 7,
        (*NETWORK, "init_args", "empty"): 7,
        (*NETWORK, "init_args", "none"): 7,
    }
    assert {place: origin(tree, place) for place in lines} == {
        place: f"{OWN}:{line}" for place, line in lines.items()
    }
    assert origin(tree, ("trainer", "num_sanity_val_steps")).startswith("core/base.yaml:")


def test_an_overlay_is_named_for_what_it_says_and_only_that(project):
    tree = overlay(project, "model:\n  init_args:\n    network: {init_args: {width: 9}}\n")
    assert origin(tree, (*NETWORK, "init_args", "width")) == f"{OVER}:3"
    assert origin(tree, (*NETWORK, "class_path")) == f"{OWN}:7"


def test_a_former_class_and_its_arguments_are_forgotten(project):
    tree = overlay(project, "model: {init_args: {network: {class_path: Other}}}")
    assert origin(tree, (*NETWORK, "class_path")) == f"{OVER}:1"
    assert origin(tree, (*NETWORK, "init_args", "width")) is None


def test_what_another_class_keeps_is_from_where_it_was(project):
    network = "{class_path: Other, keep: [width]}"
    tree = overlay(project, f"model: {{init_args: {{network: {network}}}}}")
    assert origin(tree, (*NETWORK, "init_args", "width")) == f"{OWN}:7"
    assert origin(tree, (*NETWORK, "init_args", "empty")) is None


def test_a_list_of_two_files_names_both(project):
    tree = overlay(project, "callbacks+: [second]")
    assert origin(tree, ("callbacks",)) == f"{OWN}:8, {OVER}:1"


def test_an_overlay_outside_of_the_house_is_named_as_given(project, cwd):
    Path("mine.yaml").write_text("seed_everything: 4")
    assert origin(marked_stack(project, ["mine.yaml"], []), ("seed_everything",)) == "mine.yaml:1"


FINAL = {
    "model": {
        "class_path": "Task",
        "init_args": {"network": {"class_path": "rooms.Net", "init_args": {"width": 3}}},
    },
    "callbacks": [{"class_path": "A"}, {"class_path": "B", "init_args": {"n": 1, "m": 2}}],
}
N_OF_LAST = ("callbacks", 1, "init_args", "n")


@pytest.mark.parametrize(
    ("words", "place", "flag"),
    [
        (["--model.network.width=3"], (*NETWORK, "init_args", "width"), "--model.network.width"),
        (["--model.network.width", "3"], (*NETWORK, "init_args", "width"), "--model.network.width"),
        (["--model.network=Net"], (*NETWORK, "class_path"), "--model.network"),
        (['--model.network={"width": 3}'], (*NETWORK, "init_args", "width"), "--model.network"),
        (
            ['--model={"init_args": {"network": {"width": 3}}}'],
            (*NETWORK, "init_args", "width"),
            "--model",
        ),
        (["--callbacks+=B"], ("callbacks", 1, "class_path"), "--callbacks+"),
        (["--callbacks+=B", "--callbacks.n=1"], N_OF_LAST, "--callbacks.n"),
        (["--callbacks+=[B]", "--callbacks.n=1"], N_OF_LAST, "--callbacks.n"),
        (["--callbacks+=B", "--callbacks.n=1"], ("callbacks", 1, "class_path"), "--callbacks+"),
    ],
)
def test_an_option_is_named_for_what_it_sets(project, words, place, flag):
    tree = marked_stack(project, [], words)
    lay_flags(tree, FINAL, words)
    assert origin(tree, place) == flag


def test_an_option_leaves_the_rest_to_the_files(project):
    words = ["--model.network=Net", "--callbacks+=B"]
    tree = marked_stack(project, [], words)
    lay_flags(tree, FINAL, words)
    assert origin(tree, (*NETWORK, "init_args", "width")) == f"{OWN}:7"
    assert origin(tree, ("callbacks", 0, "class_path")) == f"{OWN}:8"


def test_an_option_goes_to_the_item_that_was_last_when_it_came(project):
    words = ["--callbacks.n=1", "--callbacks+=B"]
    tree = marked_stack(project, [], words)
    lay_flags(tree, {"callbacks": [{"class_path": "A", "init_args": {}}, {}]}, words)
    assert origin(tree, ("callbacks", 0, "init_args", "n")) == "--callbacks.n"


def places(node, place=()):
    """The place of every scalar and every list of scalars."""
    items = node.items() if isinstance(node, dict) else enumerate(node)
    for name, child in items:
        if isinstance(child, dict) or (
            isinstance(child, list) and any(isinstance(item, dict) for item in child)
        ):
            yield from places(child, (*place, name))
        else:
            yield (*place, name)


def spans(node, line):
    """Where in a text the scalars stand that begin on a line, or are of a list that does."""
    if isinstance(node, yaml.ScalarNode):
        if node.start_mark.line == line:
            yield node.start_mark.index, node.end_mark.index
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            own = item.start_mark.line if node.start_mark.line == line else line
            yield from spans(item, own)
    else:
        for _, value in node.value:
            yield from spans(value, line)


def changed(path, line):
    """The content of a YAML file with other values on one line."""
    text = path.read_text()
    for start, end in sorted(spans(yaml.compose(text), line - 1), reverse=True):
        text = f"{text[:start]}'changed'{text[end:]}"
    return yaml.safe_load(text)


@pytest.mark.parametrize("project", PROJECTS, ids=lambda path: path.name)
@pytest.mark.parametrize("number", [None, *(pytest.param(n, marks=SLOW) for n in (0, 3, 7))])
def test_changing_the_line_that_is_named_changes_the_value(project, number):
    overlays = sorted((project / "configs").glob("*.yaml"))
    chosen = [] if number is None else [overlays[number].stem]
    contents = {}

    def read(path, altered=(None, 0)):
        if path.resolve() == altered[0]:
            return changed(*altered)
        if path not in contents:
            contents[path] = read_yaml(path)
        return deepcopy(contents[path])

    tree, before = marked_stack(project, chosen, []), read_stack(project, chosen, read)
    stated = {place: origin(tree, place) for place in places(before)}
    assert all(stated.values())
    root = NERVE.parents[1]
    for said in set(stated.values()):
        for one in said.split(", "):
            file, _, line = one.rpartition(":")
            altered = (root / file, int(line))
            after = read_stack(project, chosen, lambda path, a=altered: read(path, a))
            for place in (place for place, value in stated.items() if value == said):
                assert at(after, place) != at(before, place), (place, said)
