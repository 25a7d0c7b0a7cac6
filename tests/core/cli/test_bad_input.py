"""Whatever is wrong with what a user gives ends in one line that names it, and costs nothing."""

import math
import os
import shutil

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from core.checkpoints import newest_valid, read_checkpoint
from tests.fakes import (
    NERVE,
    TINY_NERVE,
    TINY_PHANTOM,
    TINY_REMOVAL,
    full_disk,
    write_manifest,
    write_overlay,
)

KAGGLE = ["--data.source=core.data.KaggleNerve", "--data.source.root=train"]


def content_of(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def refused(command, cwd):
    """Run a command that must fail, in one line with these words, and lose no file."""

    def run(*words, says, code=2):
        before = content_of(cwd)
        done = command(*words)
        after = content_of(cwd)
        assert done.code == code
        assert len(done.errors) == 1
        assert "Traceback" not in done.err
        for word in says:
            assert word in done.errors[0]
        assert {path: after.get(path) for path in before} == before

    return run


@pytest.fixture
def fit_kaggle(refused, kaggle):
    def run(*says, code=2):
        refused("fit", "--run", "bad", *KAGGLE, *TINY_NERVE, says=says, code=code)

    return run


def grey(shape, value):
    return Image.fromarray(np.full(shape, value, np.uint8))


def test_images_as_they_should_be_are_taken(command, kaggle):
    assert command("fit", "--run", "good", *KAGGLE, *TINY_NERVE).code == 0


def test_missing_mask(kaggle, fit_kaggle):
    (kaggle / "2_3_mask.tif").unlink()
    fit_kaggle("mask files: expected all 12 to be there, got 1 missing: 2_3_mask.tif")


def test_mask_of_another_size(kaggle, fit_kaggle):
    grey((40, 58), 0).save(kaggle / "1_2_mask.tif")
    fit_kaggle("mask 1_2_mask.tif: expected the image's size 42x58, got 40x58")


def test_mask_with_other_values_than_its_two(kaggle, fit_kaggle):
    values = np.zeros((42, 58), np.uint8)
    values[:5], values[5:9] = 255, 128
    Image.fromarray(values).save(kaggle / "1_2_mask.tif")
    fit_kaggle("mask 1_2_mask.tif: expected 0 and one other value", "got 0; 128; 255")


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_truncated_tiff(kaggle, fit_kaggle):
    path = kaggle / "10_1.tif"
    path.write_bytes(path.read_bytes()[:400])
    fit_kaggle("10_1.tif: expected a whole")


def test_nan_in_a_float_tiff(kaggle, fit_kaggle):
    Image.fromarray(np.full((42, 58), math.nan, np.float32)).save(kaggle / "2_1.tif")
    fit_kaggle("2_1.tif: expected finite values, got NaN or infinity")


def test_empty_file(kaggle, fit_kaggle):
    (kaggle / "2_1.tif").write_bytes(b"")
    fit_kaggle("2_1.tif: expected an image file, got an empty file (0 bytes)")


def test_image_of_one_pixel(kaggle, fit_kaggle):
    grey((1, 1), 9).save(kaggle / "2_1.tif")
    fit_kaggle("2_1.tif: expected at least 8 pixels a side, got 1x1")


def test_folder_without_images(kaggle, fit_kaggle):
    for path in kaggle.iterdir():
        path.unlink()
    fit_kaggle("root: expected files named subject_n.tif", "got none")


def test_folder_that_is_not_there(refused):
    refused("fit", *KAGGLE, says=["root: expected a folder, got train"])


def test_a_broken_image_costs_an_earlier_run_nothing(kaggle, fit_kaggle, first):
    (kaggle / "2_1.tif").write_bytes(b"II*")
    fit_kaggle("2_1.tif: expected a whole")
    assert read_checkpoint(first / "checkpoints" / "best.ckpt")


def test_subject_in_two_splits(refused, cwd):
    path = write_manifest(cwd / "mine")
    rows = pd.read_csv(path, dtype=str)
    rows["split"] = ["train", "test"] * 6
    rows.to_csv(path, index=False)
    options = ["--config=manifest", f"--data.source.csv={path}"]
    split = "--data.split=core.data.ColumnSplit"
    refused("fit", *options, split, says=["subject 1, 10, 2: expected on one side, got in train"])


def test_manifest_naming_a_file_that_is_not_there(refused, cwd):
    path = write_manifest(cwd / "mine")
    (path.parent / "2_3.tif").unlink()
    options = ["--config=manifest", f"--data.source.csv={path}"]
    refused("fit", *options, says=["image files: expected all 12", "1 missing: 2_3.tif"])


def test_a_file_name_that_is_no_utf8_is_trained_on(command, cwd):
    path = write_manifest(cwd / "mine")
    (path.parent / "2_3.tif").rename(path.parent / os.fsdecode(b"\xff\xe4.tif"))
    path.write_bytes(path.read_bytes().replace(b"\n2_3.tif", b"\n\xff\xe4.tif"))
    options = ["--config=manifest", f"--data.source.csv={path}", *TINY_NERVE]
    done = command("fit", "--run", "odd", *options)
    assert done.code == 0, done.err
    split = pd.read_csv(cwd / "runs" / "nerve_noisy_act" / "odd" / "split.csv")
    assert r"\udcff\udce4.tif" in split["id"].tolist()


def test_a_file_name_that_is_no_utf8_is_predicted(command, cwd, first):
    (cwd / "in").mkdir()
    grey((42, 58), 9).save(cwd / "in" / "a.png")
    (cwd / "in" / "a.png").rename(cwd / "in" / os.fsdecode(b"\xff.png"))
    done = command("predict", "--ckpt", "first", "--input", "in", "--output", "out")
    assert done.code == 0, done.err
    assert len(list((cwd / "out" / "masks").iterdir())) == 1


def test_prediction_into_a_folder_that_holds_something(refused, cwd, first, kaggle):
    words = ["predict", "--ckpt", "first", "--input", kaggle, "--output", kaggle]
    refused(*words, says=["--output: expected a new or empty folder"])


def test_prediction_on_a_folder_without_images(refused, cwd, first):
    (cwd / "in").mkdir()
    words = ["predict", "--ckpt", "first", "--input", "in", "--output", "out"]
    refused(*words, says=["root: expected a folder with readable images, got an empty one"])


def test_misspelt_key(refused, first):
    refused(
        "fit",
        "--resume",
        "first",
        "--trainer.max_epoch=9",
        says=["--trainer.max_epoch: no such option, did you mean 'trainer.max_epochs'?"],
    )


def test_overlay_that_is_no_yaml(refused, cwd):
    (cwd / "mine.yaml").write_text("trainer: [1")
    refused("fit", "--config", "mine.yaml", says=["mine.yaml: expected a readable YAML file"])


def of_another_network(path):
    content = torch.load(path, weights_only=True)
    content["state_dict"] = {f"other.{name}": w for name, w in content["state_dict"].items()}
    torch.save(content, path)


def of_another_project(path):
    content = torch.load(path, weights_only=True)
    content["sonolab"]["project"] = "spine_dagan"
    torch.save(content, path)


def without_a_card(path):
    content = torch.load(path, weights_only=True)
    del content["sonolab"]
    torch.save(content, path)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (of_another_network, "expected weights of the configured network, got 0 of"),
        (of_another_project, "expected one of project nerve_noisy_act, got one of spine_dagan"),
        (without_a_card, "expected a config in it, or config.yaml in its run folder"),
        (lambda path: path.write_text("hello"), "expected a PyTorch checkpoint of plain data"),
        (
            lambda path: path.write_bytes(path.read_bytes()[:5000]),
            "expected a PyTorch checkpoint of plain data",
        ),
        (lambda path: path.write_bytes(b""), "the file is empty"),
    ],
)
def test_wrong_checkpoint(refused, cwd, trained, spoil, says):
    shutil.copy(trained / "checkpoints" / "best.ckpt", cwd / "wrong.ckpt")
    spoil(cwd / "wrong.ckpt")
    refused("test", "--ckpt", "wrong.ckpt", says=["checkpoint wrong.ckpt: ", says])


def test_checkpoint_whose_digest_differs(refused, cwd, first):
    path = first / "checkpoints" / "best.ckpt"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    refused("test", "--ckpt", "first", says=["best.ckpt: its content differs from its digest"])


def test_weights_of_another_width(refused, first):
    option = "--model.network.widths=[32,32,32,32,32]"
    refused("test", "--ckpt", "first", option, says=["expected weights of the configured network"])


def test_disk_that_is_full_when_a_checkpoint_is_written(command, cwd, first):
    overlay = write_overlay(cwd / "often.yaml", save_every=1)
    newest = newest_valid(first / "checkpoints", "resume-*.ckpt")
    words = ["fit", "--resume", "first", "--config", overlay, "--trainer.max_epochs=3"]
    done_before = content_of(first / "checkpoints")
    with full_disk(after=200_000):
        done = command(*words)
    assert done.code == 1
    assert len(done.errors) == 1
    assert "cannot write" in done.errors[0]
    assert content_of(first / "checkpoints") == done_before
    assert newest_valid(first / "checkpoints", "resume-*.ckpt") == newest
    assert read_checkpoint(newest)["global_step"] == 4


def test_a_grid_that_a_librarys_network_cannot_take_is_one_line(command):
    options = ["--config=linknet", *TINY_REMOVAL, *TINY_PHANTOM, "--data.size=[40,40]"]
    done = command("fit", *options, project=NERVE.parent / "annotation_n2n")
    assert done.code == 2
    assert len(done.errors) == 1
    assert "data.size" in done.errors[0]
