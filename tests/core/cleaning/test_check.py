import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from torch import nn

from core.checks import InputError
from core.cleaning.check import check_folder
from core.data import ImageFolder
from core.grids import Grid
from core.losses import DiceLoss
from core.reports.checked import write_checked_page
from core.tasks import SegmentationTask

KINDS = ("body_marker", "radial_line")
GRID = Grid(size=(32, 64))


class Colours(nn.Module):
    """Takes what is red for a marker and what is green for a line; counts what it sees."""

    def __init__(self):
        super().__init__()
        self.weight, self.seen = nn.Parameter(torch.zeros(1)), []

    def forward(self, image):
        self.seen.append((tuple(image.shape), self.training, torch.is_grad_enabled()))
        found = (image[:, :2] > 0.9) & (image[:, [1, 0]] < 0.1)
        return torch.cat([torch.full_like(image[:, :1], 4), 8 * found.float()], 1)


def adam(parameters):
    return torch.optim.Adam(parameters, lr=0.1)


def checker(structures=KINDS):
    return SegmentationTask(
        network=Colours(), loss=DiceLoss(), optimizer=adam, structures=structures
    )


def picture(*kinds, size=(64, 128)):
    image = np.full((*size, 3), 60, np.uint8)
    if "body_marker" in kinds:
        image[10:30, 10:30] = (255, 0, 0)
    if "radial_line" in kinds:
        image[40:44, 60:100] = (0, 255, 0)
    if "dot" in kinds:
        image[50:52, 110:112] = (0, 255, 0)
    return image


@pytest.fixture
def folder(tmp_path):
    images = {
        "a.png": picture("body_marker", "radial_line"),
        "b.png": picture("body_marker"),
        "sub/c.png": picture("dot"),
        "007.png": picture("radial_line", size=(50, 90)),
    }
    for name, image in images.items():
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(path)
    return tmp_path / "in"


@pytest.fixture
def check(folder, tmp_path):
    """Check the folder and return the table by id, and the page's text."""

    def run(*required, task=None):
        page = check_folder(
            task or checker(), GRID, ImageFolder(folder), tmp_path / "out", required
        )
        table = pd.read_csv(tmp_path / "out" / "annotations.csv", dtype={"id": str})
        return table.fillna({"missing": ""}).set_index("id"), page.read_text()

    return run


def test_each_image_has_its_confidences(check):
    table, _ = check()
    assert table.columns.tolist() == [*KINDS, "missing", "complete"]
    assert table.index.tolist() == ["007.png", "a.png", "b.png", "sub/c.png"]
    present = 1 / (1 + np.exp(-4) + np.exp(-8))  # softmax of 4, 8 and 0
    assert table.loc["a.png", "body_marker"] == pytest.approx(present, abs=1e-4)
    assert (table[list(KINDS)] > 0.5).to_numpy().tolist() == [
        [False, True], [True, True], [True, False], [False, False]
    ]  # fmt: skip


def test_missing_are_all_kinds_below_one_half_where_none_is_named(check):
    table, _ = check()
    assert table["missing"].tolist() == [
        "body_marker",
        "",
        "radial_line",
        "body_marker radial_line",
    ]
    assert table["complete"].tolist() == ["no", "yes", "no", "no"]


def test_only_required_kinds_are_missing(check):
    table, page = check("radial_line")
    assert table["missing"].tolist() == ["", "", "radial_line", "radial_line"]
    assert table["complete"].tolist() == ["yes", "yes", "no", "no"]
    assert "Required: radial_line" in page


def test_required_kinds_count_once_and_in_the_tasks_order(check):
    table, page = check("radial_line", "body_marker", "radial_line")
    assert table.loc["sub/c.png", "missing"] == "body_marker radial_line"
    assert "Required: body_marker, radial_line" in page


def test_a_few_pixels_are_no_annotation_and_are_not_outlined(check, monkeypatch):
    shown = {}

    def noted(folder, rows, *, required):
        shown.update({row.name: row for row in rows})
        return write_checked_page(folder, shown.values(), required=required)

    monkeypatch.setattr("core.cleaning.check.write_checked_page", noted)
    check()
    assert 0 < shown["sub/c.png"].confidences["radial_line"] < 0.5
    assert not shown["sub/c.png"].mask.any()
    outlined = shown["a.png"].mask
    assert outlined.shape == (64, 128)
    assert [outlined[20, 20], outlined[42, 80], outlined[5, 5]] == [1, 2, 0]


def test_network_sees_its_grid_in_evaluation_without_gradients(check):
    task = checker().train()
    check(task=task)
    assert set(task.network.seen) == {((1, 3, 32, 64), False, False)}


def test_grey_images_are_repeated_for_a_network_of_colours(check, folder):
    Image.fromarray(np.full((40, 40), 90, np.uint8)).save(folder / "grey.png")
    table, _ = check()
    assert table.loc["grey.png", "missing"] == "body_marker radial_line"


def test_unknown_required_kind_is_refused_with_the_nearest(check, tmp_path):
    with pytest.raises(
        InputError,
        match="--required: expected among body_marker, radial_line, got 'body_markr', did you mean 'body_marker'",
    ):
        check("body_markr")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["restores", "bare"])
def test_task_that_finds_no_kinds_is_refused_with_what_is_needed(check, name):
    task = nn.Module() if name == "bare" else checker()
    task.restore = None
    with pytest.raises(InputError, match="--ckpt: expected .* trained with the overlay `checker`"):
        check(task=task)
