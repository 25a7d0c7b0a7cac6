import pytest

from core.reports.privacy import (
    anonymous,
    base_name,
    is_path,
    map_strings,
    redacted,
    shown_command,
)


@pytest.mark.parametrize(
    "value",
    [
        "/mnt/pacs/JANSSON_EVA",
        "data/JANSSON_EVA",
        r"C:\scans\eva",
        "~/scans",
        "s3://bucket/eva",
        "~",
    ],
)
def test_paths_are_recognised(value):
    assert is_path(value)
    assert redacted(value) == "<path>"


@pytest.mark.parametrize(
    "value", ["val/dice", "core.layers.NHSigmoid", "max", "16-mixed", "", "a" * 5000]
)
def test_metric_names_classes_and_words_are_kept(value):
    assert redacted(value) == value


def test_bare_name_of_a_folder_here_is_a_path(tmp_path, monkeypatch):
    (tmp_path / "JANSSON_EVA").mkdir()
    monkeypatch.chdir(tmp_path)
    assert redacted("JANSSON_EVA") == "<path>"


def test_base_name_knows_both_separators():
    assert base_name("/a/b/c.yaml") == "c.yaml"
    assert base_name(r"D:\a\c.yaml") == "c.yaml"


def test_every_nested_string_is_changed_and_numbers_are_kept():
    config = {
        "data": {"root": "/p/eva", "size": (96, 128)},
        "files": ["/a/b"],
        "monitor": "val/dice",
    }
    expected = {
        "data": {"root": "<path>", "size": [96, 128]},
        "files": ["<path>"],
        "monitor": "val/dice",
    }
    assert map_strings(config, redacted) == expected


def test_command_keeps_words_and_only_base_names_of_paths():
    command = [
        "/opt/bin/python",
        "-m",
        "projects.x",
        "fit",
        "--data.root=/mnt/EVA/set",
        "--config",
        "a/b.yaml",
    ]
    assert shown_command(command) == "python -m projects.x fit --data.root=set --config b.yaml"


def test_people_that_a_config_chooses_are_not_named():
    split = {"column": "subject", "train": ["Eva"], "test": ["Ida"], "val_share": 0.1}
    given = {"select": {"subject": "Eva", "device": "E7"}, "parts": [split], "by": ["subject"]}
    assert anonymous(given) == {
        "select": {"subject": "<chosen>", "device": "E7"},
        "parts": [{"column": "subject", "train": "<chosen>", "test": "<chosen>", "val_share": 0.1}],
        "by": ["subject"],
    }


def test_a_split_by_machine_stays_readable():
    split = {"column": "device", "train": ["E7"], "test": ["I33"]}
    assert anonymous(split) == split
