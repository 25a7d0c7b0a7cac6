"""Overlays over overlays, and YAML files that are none."""

import pytest

from core.checks import InputError
from core.cli.stack import merge_overlays
from core.overlays import overlay_files, read_yaml


def test_broken_yaml_names_the_file(tmp_path):
    (tmp_path / "x.yaml").write_text("a: [1")
    with pytest.raises(InputError, match=r"x.yaml: expected a readable YAML file"):
        read_yaml(tmp_path / "x.yaml")


def test_yaml_without_keys_is_refused(tmp_path):
    (tmp_path / "x.yaml").write_text("hello")
    with pytest.raises(InputError, match="expected a YAML mapping, got hello"):
        read_yaml(tmp_path / "x.yaml")


@pytest.fixture
def configs(tmp_path):
    folder = tmp_path / "configs"
    folder.mkdir()
    (folder / "a.yaml").write_text("x: {one: 1, two: 1}")
    (folder / "b.yaml").write_text("over: a\nx: {two: 2, three: 2}")
    (folder / "c.yaml").write_text("over: b\nx: {three: 3}")
    return folder


def test_an_overlay_comes_behind_those_that_it_lies_over(configs):
    names = [path.stem for path in overlay_files(configs / "c.yaml", configs)]
    assert names == ["a", "b", "c"]


def test_all_of_them_are_merged(configs):
    merged = merge_overlays({"y": 0}, configs.parent, ["c"])
    assert merged == {"y": 0, "x": {"one": 1, "two": 2, "three": 3}}


def test_a_users_own_file_may_lie_over_a_projects_overlay(configs, tmp_path):
    mine = tmp_path / "mine.yaml"
    mine.write_text("over: b\nx: {one: 9}")
    merged = merge_overlays({}, configs.parent, [str(mine)])
    assert merged["x"] == {"one": 9, "two": 2, "three": 2}


def test_a_missing_overlay_below_is_named(configs):
    (configs / "d.yaml").write_text("over: z")
    with pytest.raises(InputError, match="d.yaml: over: expected an overlay of .*, got z"):
        overlay_files(configs / "d.yaml", configs)


def test_a_circle_is_refused(configs):
    (configs / "a.yaml").write_text("over: c")
    with pytest.raises(InputError, match="no circle"):
        overlay_files(configs / "c.yaml", configs)
