import copy

import pandas as pd
import pytest
import yaml

from core.checks import InputError
from core.comparison.why import why
from core.reports.run_folder import write_summary

CONFIG = {
    "seed_everything": 0,
    "trainer": {
        "logger": [{"class_path": "core.callbacks.WandbLog", "init_args": {"save_dir": "here"}}],
        "callbacks": [{"class_path": "core.callbacks.ExactResume", "init_args": {"keep": 3}}],
    },
    "model": {"class_path": "core.tasks.Task", "init_args": {"lr": 0.1, "note": "short"}},
}
SUMMARY = {
    "project": "x",
    "git": {"commit": "1" * 40, "dirty": False, "changes": None},
    "data": {
        "source": "Phantom",
        "hash": "abc",
        "simulated": True,
        "images": {"train": 3, "val": 1, "test": 2},
    },
    "versions": {"torch": "2.13", "numpy": "2.4"},
    "packages": "0123456789ab",
    "device": {"type": "cpu", "name": "EPYC", "count": 1},
    "threads": 2,
    "parameters": 5,
    "seconds": {"fit": 3.0},
    "metrics": {"test/dice": 0.5, "test/hd": None, "test/images": 2.0},
}
SPLIT = [
    ("s1", "train"),
    ("s2", "train"),
    ("s3", "train"),
    ("s4", "val"),
    ("s5", "test"),
    ("s6", "test"),
]


def run(tmp_path, name, *, config=CONFIG, summary=SUMMARY, split=SPLIT):
    folder = tmp_path / name
    folder.mkdir()
    config = copy.deepcopy(config)
    config["trainer"]["logger"][0]["init_args"]["save_dir"] = name
    (folder / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
    write_summary(folder, summary)
    rows = [(number, f"{s}-{number}", s, stage) for number, (s, stage) in enumerate(split)]
    table = pd.DataFrame(rows, columns=["index", "id", "subject", "stage"])
    table.to_csv(folder / "split.csv", index=False)
    return folder


def section(text, name):
    """The lines of one section, without their indentation."""
    lines = text.split("\n")
    start = lines.index(name) + 1
    end = lines.index("", start) if "" in lines[start:] else len(lines)
    return [line.removeprefix("  ") for line in lines[start:end]]


def changed(part, **values):
    return copy.deepcopy(part) | values


def test_the_same_run_twice_differs_in_nothing(tmp_path):
    text = why(run(tmp_path, "first"), run(tmp_path, "second"))
    assert text.split("\n")[:4] == ["A  first", "B  second", "", "Nothing differs."]
    names = ("config", "code", "data", "environment", "result")
    assert [section(text, name) for name in names] == [["nothing differs"]] * 5


def test_values_of_the_config_stand_side_by_side(tmp_path):
    other = copy.deepcopy(CONFIG)
    other["model"]["init_args"]["lr"] = 0.01
    other["trainer"]["callbacks"].insert(0, {"class_path": "core.callbacks.Other"})
    text = why(run(tmp_path, "first"), run(tmp_path, "second", config=other))
    assert "They differ in config; the result is the same." in text
    assert [line.split() for line in section(text, "config")] == [
        ["A", "B"],
        ["model.lr", "0.1", "0.01"],
        ["trainer.callbacks.Other", "-", "core.callbacks.Other"],
    ]


def test_long_values_take_a_line_each(tmp_path):
    other = copy.deepcopy(CONFIG)
    other["model"]["init_args"]["note"] = "long " * 20
    text = why(run(tmp_path, "first"), run(tmp_path, "second", config=other))
    assert section(text, "config") == ["model.note", "  A  short", f"  B  {'long ' * 20}".rstrip()]


def test_data_are_compared_by_hash_source_and_images(tmp_path):
    data = changed(SUMMARY["data"], hash="def", images={"train": 4, "val": 1, "test": 2})
    text = why(run(tmp_path, "first"), run(tmp_path, "second", summary=changed(SUMMARY, data=data)))
    assert [line.split() for line in section(text, "data")][1:] == [
        ["hash", "abc", "def"],
        ["images.train", "3", "4"],
    ]


def test_subjects_are_counted_where_they_are_another_runs_or_in_another_stage(tmp_path):
    split = [("s1", "train"), ("s2", "test"), ("s3", "test"), ("s4", "val"), ("s5", "test")]
    split += [(f"new{number}", "train") for number in range(8)]
    text = why(run(tmp_path, "first"), run(tmp_path, "second", split=split))
    assert section(text, "data") == [
        "1 subject in A alone: s6",
        "8 subjects in B alone: new0, new1, new2, new3, new4, ... 3 more",
        "2 subjects in train of A and test of B: s2, s3",
    ]


def test_a_subject_of_several_stages_is_told_with_all_of_them(tmp_path):
    split = [*SPLIT, ("s1", "val")]
    text = why(run(tmp_path, "first"), run(tmp_path, "second", split=split))
    assert section(text, "data") == ["1 subject in train of A and train and val of B: s1"]


def test_images_are_counted_where_subjects_are_the_same(tmp_path):
    text = why(run(tmp_path, "first"), run(tmp_path, "second", split=[*SPLIT, ("s1", "train")]))
    assert section(text, "data") == ["1 image in B alone: s1-6"]


def test_versions_device_and_threads_are_the_environment(tmp_path):
    other = changed(SUMMARY, threads=1, versions={"torch": "2.14", "numpy": "2.4"})
    text = why(run(tmp_path, "first"), run(tmp_path, "second", summary=other))
    assert "They differ in environment; the result is the same." in text
    assert [line.split() for line in section(text, "environment")][1:] == [
        ["versions.torch", "2.13", "2.14"],
        ["threads", "2", "1"],
    ]


def test_metrics_stand_side_by_side_with_their_difference(tmp_path):
    metrics = {"test/dice": 0.75, "test/hd": 3.0, "test/images": 2.0}
    text = why(
        run(tmp_path, "first"), run(tmp_path, "second", summary=changed(SUMMARY, metrics=metrics))
    )
    assert "All that is recorded of them is the same, and yet the result differs." in text
    lines = [line.split() for line in section(text, "result")]
    assert lines[0] == ["A", "B", "B", "-", "A"]
    assert lines[1] == ["test/dice", "0.5", "0.75", "+0.25"]
    assert lines[2] == ["test/hd", "none", "3"]
    assert lines[3][1:] == ["more", "are", "equal"]


def test_runs_that_were_not_tested_are_compared_all_the_same(tmp_path):
    text = why(
        run(tmp_path, "first"), run(tmp_path, "second", summary=changed(SUMMARY, metrics={}))
    )
    assert section(text, "result") == ["not tested: B"]


def test_what_a_run_did_not_record_is_said_to_be_unknown(tmp_path):
    first, second = run(tmp_path, "first"), run(tmp_path, "second", summary={"metrics": {}})
    for name in ("config.yaml", "split.csv"):
        (second / name).unlink()
    text = why(first, second)
    assert section(text, "config") == ["unknown for B: no config.yaml"]
    assert section(text, "data")[-1] == "subjects unknown for B: no split.csv"


def test_runs_of_two_projects_have_other_code(tmp_path):
    text = why(
        run(tmp_path, "first"), run(tmp_path, "second", summary=changed(SUMMARY, project="y"))
    )
    assert section(text, "code") == ["the projects are others: x, y"]


def test_a_folder_without_a_run_is_refused(tmp_path):
    with pytest.raises(InputError, match="first: expected a run folder with summary.json"):
        why(tmp_path / "first", tmp_path / "second")


def test_the_command_tells_two_runs_apart(command, fit, first):
    done, _ = fit("second", "--model.threshold=0.7", "--data.split.test=0.6")
    assert done.code == 0, done.err
    done = command("why", "--runs", "first", "second")
    assert done.code == 0, done.err
    config = [line.split() for line in section(done.out.rstrip(), "config")]
    assert ["model.threshold", "0.5", "0.7"] in config
    assert ["data.split.test", "0.2", "0.6"] in config
    assert any("in train of A and " in line for line in section(done.out.rstrip(), "data"))
    assert section(done.out.rstrip(), "environment") == ["nothing differs"]


def test_the_command_asks_for_two_runs(command):
    done = command("why", "--runs", "first")
    assert done.code == 2
    assert "--runs: expected two runs, got first" in done.err
