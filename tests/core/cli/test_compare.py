import pytest

from core.checks import InputError
from core.cli import compare as module
from core.cli.main import main
from tests.core.comparison.made_runs import pictures, segmentation

PROJECT = "projects/tiny"


@pytest.fixture
def runs(tmp_path, monkeypatch):
    """Two runs below the working directory."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "runs" / "tiny"
    return [segmentation(folder / f"n{k}", noise=k, off=(k, 2)) for k in (0, 4)]


def told(capsys, *args):
    code = main(PROJECT, ["compare", *args])
    return code, capsys.readouterr()


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ((), "--runs: expected names or folders of runs, or all"),
        (("--runs", "n0"), "--runs: expected two or more tested runs, got 1"),
        (("--runs", "n0", "n0"), "--runs: expected two or more tested runs, got 1"),
        (("--runs", "n0", "n44"), "run 'n44': no such folder here or in runs/tiny, did you mean"),
        (("--runs", "all", "--model.depth=3"), "no option of the configuration"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_one_line(runs, capsys, args, words):
    code, said = told(capsys, *args)
    assert code != 0
    assert words in said.err
    assert said.err.count("\n") == 1


def test_the_page_lies_beside_the_runs(runs, capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(module, "_open", lambda run, known: pictures)
    (tmp_path / "runs" / "tiny" / "cut-off").mkdir()
    (tmp_path / "runs" / "tiny" / "cut-off" / "config.yaml").write_text("{}")
    code, said = told(capsys, "--runs", "all")
    assert code == 0
    assert "left out: run 'cut-off'" in said.out
    assert (tmp_path / "runs" / "tiny" / "compare-all" / "compare.html").is_file()


def test_a_long_list_of_runs_makes_a_short_name():
    short = module._folder_name(["a", "runs/tiny/b"])
    long = [module._folder_name([f"run-{k}" for k in range(n)]) for n in (20, 21)]
    assert short == "compare-a-b"
    assert long[0] != long[1]
    assert {len(name) for name in long} == {len("compare-") + 12}


def test_data_that_cannot_be_opened_is_told_without_its_folder(runs, capsys, monkeypatch):
    def fail(config):
        raise InputError("data.source.root: expected a folder, got /mnt/pacs/nerves")

    monkeypatch.setattr(module, "_build", fail)
    with pytest.raises(InputError, match="data of run 'n0': expected those that it was") as error:
        module._open(runs[0], "aa")
    assert "/mnt" not in str(error.value)
    assert "/mnt/pacs/nerves" in capsys.readouterr().out


def test_data_is_opened_once_for_runs_that_see_it_alike(tmp_path, monkeypatch):
    opened = []
    monkeypatch.setattr(module, "_open", lambda run, known: opened.append(run.name))
    images = module.images_of()
    for name, kind in (("a", None), ("b", None), ("c", "flow_box")):
        images(segmentation(tmp_path / name, annotate=kind))
    assert opened == ["a", "c"]


def test_images_come_from_the_data_that_a_config_names():
    source = {
        "class_path": "core.data.NervePhantom",
        "init_args": {"subjects": 4, "frames": 1, "size": [40, 56], "seed": 0},
    }
    split = {"class_path": "core.data.HoldoutSplit", "init_args": {"val": 0.25, "test": 0.25}}
    given = {"source": source, "split": split, "size": [40, 56], "batch_size": 1}
    config = {"data": {"class_path": "core.data.module.ImageData", "init_args": given}}
    data = module._build(config)
    data.setup("test")
    image, mask = data.shown(0)
    assert image.shape[:2] == mask.shape == (40, 56)
