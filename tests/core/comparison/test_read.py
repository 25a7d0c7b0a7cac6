import json

import pytest

from core.checks import InputError
from core.comparison.read import by_class, read_all, read_run
from tests.core.comparison.made_runs import PROJECT, segmentation


def test_a_run_of_another_project_is_refused(tmp_path):
    segmentation(tmp_path / "a")
    with pytest.raises(InputError, match="run 'a': expected a run of project other, got one of ti"):
        read_run(tmp_path / "a", "other")


@pytest.mark.parametrize("missing", ["summary.json", "per_image.csv", "config.yaml"])
def test_a_folder_that_is_no_tested_run_is_refused_in_one_line(tmp_path, missing):
    segmentation(tmp_path / "a")
    (tmp_path / "a" / missing).unlink()
    with pytest.raises(InputError, match="run 'a': expected a tested run") as told:
        read_run(tmp_path / "a", PROJECT)
    assert "\n" not in str(told.value)
    assert str(tmp_path) not in str(told.value)


def test_a_run_that_was_trained_only_is_refused(tmp_path):
    root = segmentation(tmp_path / "a").root
    summary = json.loads((root / "summary.json").read_text()) | {"metrics": {"val/dice": 0.5}}
    (root / "summary.json").write_text(json.dumps(summary))
    with pytest.raises(InputError, match="got one that has not tested any image"):
        read_run(root, PROJECT)


def test_of_all_folders_the_others_are_told(tmp_path):
    segmentation(tmp_path / "a")
    (tmp_path / "b").mkdir()
    runs, left_out = read_all([tmp_path / "a", tmp_path / "b"], PROJECT)
    assert [run.name for run in runs] == ["a"]
    assert len(left_out) == 1
    assert left_out[0].startswith("run 'b'")


def test_where_a_run_writes_is_no_setting_and_its_seed_is_its_repetition(tmp_path):
    run = segmentation(tmp_path / "a", seed=3)
    assert run.repeat == {"seed_everything": 3}
    assert "seed_everything" not in run.settings
    assert not [key for key in run.settings if "logger" in key]
    assert run.settings["model.network.act.noise"] == 0.0


def test_lists_of_classes_become_keys():
    callbacks = [{"class_path": "a.b.Keep", "init_args": {"n": 1}}, {"class_path": "a.Keep"}]
    named = by_class({"callbacks": callbacks, "widths": [1, 2], "none": []})
    assert named["callbacks"] == {"Keep": callbacks[0], "Keep 2": callbacks[1]}
    assert (named["widths"], named["none"]) == ([1, 2], [])
