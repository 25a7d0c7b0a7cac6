"""`clean-images` and `check-annotations` as users give them."""

import numpy as np
import pandas as pd
import pytest
import torch
import yaml
from PIL import Image

from core.checks import InputError
from core.cleaning import check
from core.cli.clean import require_apart
from tests.dicoms import write_dicom
from tests.fakes import NERVE

SIZE = (50, 70)
WHITE = 255


def card(task, **options):
    """What a checkpoint says of a run with this task, whose network cuts off above a grey of 0.6."""
    network = {"class_path": "torch.nn.Hardtanh", "init_args": {"min_val": 0.0, "max_val": 0.6}}
    parts = {
        "network": network,
        "loss": {"class_path": "torch.nn.L1Loss"},
        "optimizer": {"class_path": "torch.optim.SGD", "init_args": {"lr": 0.1}},
    }
    model = {"class_path": f"core.tasks.{task}", "init_args": parts | options}
    data = {"class_path": "core.data.AnnotatedData", "init_args": {"size": [32, 48]}}
    config = yaml.safe_dump({"model": model, "data": data})
    return {"project": NERVE.name, "config": config}


@pytest.fixture
def ckpt(cwd):
    torch.save({"state_dict": {}, "sonolab": card("RestorationTask")}, cwd / "cutter.ckpt")
    return cwd / "cutter.ckpt"


@pytest.fixture
def images(cwd):
    """Two images, one of them with a white square, a cine, and a file that is no image."""
    folder = cwd / "in"
    (folder / "ward").mkdir(parents=True)
    image = np.random.default_rng(0).integers(0, 140, SIZE, dtype=np.uint8)
    Image.fromarray(image).save(folder / "a.png")
    image[10:20, 30:40] = WHITE
    Image.fromarray(image).save(folder / "ward" / "b.png")
    write_dicom(folder / "cine.dcm", np.stack([image, image]), NumberOfFrames=2)
    (folder / "notes.txt").write_text("none")
    return folder


def pixels(path):
    with Image.open(path) as picture:
        return np.asarray(picture)


def content_of(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_folder_is_cleaned(command, ckpt, images):
    before = content_of(images)
    done = command("clean-images", "--ckpt", ckpt, "--input", "in", "--output", "out")
    assert done.code == 0, done.err
    marked, cleaned = pixels(images / "ward" / "b.png"), pixels("out/cleaned/ward/b.png")
    assert (cleaned[10:20, 30:40] == round(0.6 * WHITE)).all()
    cleaned = cleaned.copy()
    cleaned[10:20, 30:40] = WHITE
    np.testing.assert_array_equal(cleaned, marked)
    np.testing.assert_array_equal(pixels("out/cleaned/a.png"), pixels(images / "a.png"))
    assert pd.read_csv("out/cleaning.csv")["annotations"].tolist() == [0, 1, 1]
    assert content_of(images) == before


def test_the_last_line_says_how_many_and_where(command, ckpt, images):
    done = command("clean-images", "--ckpt", ckpt, "--input", "in", "--output", "out")
    assert done.out.splitlines()[-2:] == [
        "skipped notes.txt: no image by its name",
        "3 images cleaned, of 1 with several frames the first, annotations found in 2;"
        " 1 files skipped; contact sheet: out/cleaned.html",
    ]


def test_whole_and_scale_reach_the_cleaner(command, ckpt, images):
    words = ["--ckpt", ckpt, "--input", "in", "--output", "out", "--whole", "--scale", "0.5"]
    assert command("clean-images", *words).code == 0
    shares = pd.read_csv("out/cleaning.csv")["changed_share"]
    assert (shares > 0.5).all()  # halved and enlarged again


def test_a_task_that_restores_nothing_is_refused(command, cwd, images):
    content = {"state_dict": {}, "sonolab": card("SegmentationTask")}
    torch.save(content, cwd / "finder.ckpt")
    done = command("clean-images", "--ckpt", "finder.ckpt", "--input", "in", "--output", "out")
    assert done.code == 2
    assert done.err == (
        "error: --ckpt: expected a run whose task restores images, as RestorationTask does,"
        " got one of SegmentationTask\n"
    )
    assert not (cwd / "out").exists()


def test_a_run_that_is_not_there_is_refused(command, images):
    done = command("clean-images", "--ckpt", "none", "--input", "in", "--output", "out")
    assert done.code == 2
    assert done.err.startswith("error: run 'none': no such folder here or in")


def test_options_of_the_configuration_are_refused(command, ckpt, images):
    words = ["--ckpt", ckpt, "--input", "in", "--output", "out"]
    done = command("clean-images", *words, "--data.size=[9,9]")
    assert done.code == 2
    assert "clean-images: expected no option of the configuration" in done.err


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("in", "a folder apart from that of the images"),
        ("in/ward/new", "a folder apart from that of the images"),
        (".", "a folder apart from that of the images"),
        ("link/new", "a folder apart from that of the images"),
        ("in/../in/x", "a folder apart from that of the images"),
        ("full", "a new or empty folder"),
        ("full/file", "a new or empty folder"),
    ],
)
def test_an_output_that_meets_the_originals_is_refused(cwd, images, output, expected):
    (cwd / "link").symlink_to(images, target_is_directory=True)
    (cwd / "full").mkdir()
    (cwd / "full" / "file").write_text("")
    with pytest.raises(InputError, match=f"--output: expected {expected}"):
        require_apart(images, cwd / output)


@pytest.mark.parametrize("output", ["new", "deep/new", "in2", "empty"])
def test_an_output_beside_the_originals_is_taken(cwd, images, output):
    (cwd / "empty").mkdir()
    require_apart(images, cwd / output)


def test_an_input_that_is_no_folder_is_refused(cwd):
    with pytest.raises(InputError, match="--input: expected a folder of images, got .*nowhere"):
        require_apart(cwd / "nowhere", cwd / "out")


def test_check_annotations_gives_task_grid_images_and_what_is_required(
    command, ckpt, images, cwd, monkeypatch
):
    given = []

    def check_folder(task, grid, source, output, required):
        given.extend([type(task).__name__, grid.size, len(source), output.name, required])
        return output / "page.html"

    monkeypatch.setattr(check, "check_folder", check_folder)
    words = ["--ckpt", ckpt, "--input", "in", "--output", "out", "--required", "one", "two"]
    done = command("check-annotations", *words)
    assert done.code == 0, done.err
    assert given == ["RestorationTask", (32, 48), 3, "out", ["one", "two"]]
    assert done.out.splitlines()[-1] == "3 images checked; 1 files skipped; page: out/page.html"
