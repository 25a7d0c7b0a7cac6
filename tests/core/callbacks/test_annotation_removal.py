"""What is measured and kept of images that annotations were taken off."""

import json

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from torch import nn

from core.annotations import Annotator
from core.callbacks import AnnotationRemoval, RunSummary
from core.callbacks.annotation_removal import NOTHING
from core.metrics import luma, psnr_hvs_m
from tests.core.tasks.annotations import data, task

FOLDERS = ("annotated", "restored", "reference")
ONE_SIDED = {f"test/{measure}_one_sided" for measure in ("dice", "iou", "accuracy")}


class Dimmed(nn.Module):
    """Takes all that is bright off an image, and nothing else."""

    def forward(self, image):
        return image.clamp(max=0.5)


@pytest.fixture
def tested(make_trainer, run_dir):
    """Run a test, and return the table and what was logged."""

    def run(network=None, *, annotate=None, **options):
        trainer = make_trainer(AnnotationRemoval(), RunSummary(seed=1))
        ours = task(network=Dimmed() if network is None else network, **options)
        module = data() if annotate is None else data(annotate=annotate)
        trainer.test(ours, datamodule=module, verbose=False)
        table = pd.read_csv(run_dir / "removal.csv", dtype={"subject": str})
        return table, json.loads((run_dir / "summary.json").read_text())["metrics"]

    return run


def pixels(run_dir, folder, index):
    return np.asarray(Image.open(run_dir / folder / f"{index:06d}.png"))


def test_each_test_image_has_a_row_and_its_pictures(tested, run_dir):
    table, _ = tested()
    assert table.columns[:4].tolist() == ["index", "id", "subject", "kinds"]
    assert set(table["kinds"]) <= {"radial_line", "flow_box"}
    for folder in FOLDERS:
        kept = sorted(int(path.stem) for path in (run_dir / folder).glob("*.png"))
        assert kept == table["index"].tolist()
    assert not (run_dir / "rival").exists()


def test_the_untouched_input_is_measured_beside(tested, run_dir):
    table, _ = tested()
    row = table.iloc[0]
    noisy, clean = (
        luma(torch.from_numpy(pixels(run_dir, folder, row["index"]) / 255).movedim(2, 0))
        for folder in ("annotated", "reference")
    )
    assert row["psnr_hvs_m/input"] == pytest.approx(float(psnr_hvs_m(noisy, clean)), abs=1e-3)


def test_pictures_are_what_the_network_saw_and_made(tested, run_dir):
    table, _ = tested()
    for index in table["index"]:
        noisy, restored = (pixels(run_dir, name, index) for name in ("annotated", "restored"))
        np.testing.assert_array_equal(restored, np.minimum(noisy, 128))


def test_a_network_that_changes_nothing_gains_nothing_and_finds_nothing(tested):
    table, logged = tested(nn.Identity())
    assert (table["psnr_hvs_m/noise2noise"] == table["psnr_hvs_m/input"]).all()
    assert logged["test/psnr_hvs_m_gain"] == 0
    assert (table["dice/noise2noise"] == 0).all()
    assert (table["dice_one_sided/noise2noise"] == 0).all()


def test_what_is_logged_are_the_means(tested):
    table, logged = tested()
    for measure in ("psnr_hvs_m", "ssim", "psnr", "dice", "dice_one_sided", "accuracy"):
        mean = table[f"{measure}/noise2noise"].mean()
        assert logged[f"test/{measure}"] == pytest.approx(mean, rel=1e-5)
    assert logged.keys() >= ONE_SIDED
    for kind, rows in table.groupby("kinds"):
        mean = rows["dice/noise2noise"].mean()
        assert logged[f"test/{kind}/dice"] == pytest.approx(mean, rel=1e-5)


def test_a_rival_is_measured_like_the_network(tested, run_dir):
    table, logged = tested(rival=True)
    for measure in ("psnr_hvs_m", "dice", "dice_one_sided"):
        both = (table[f"{measure}/{scheme}"] for scheme in ("noise2noise", "noise2clean"))
        pd.testing.assert_series_equal(*both, check_names=False)
        assert logged[f"test/rival/{measure}"] == pytest.approx(logged[f"test/{measure}"])
    index = table["index"].iloc[0]
    restored, rival = (pixels(run_dir, name, index) for name in ("restored", "rival"))
    np.testing.assert_array_equal(restored, rival)


def test_an_earlier_tests_pictures_go(tested, run_dir):
    (run_dir / "rival").mkdir(parents=True)
    (run_dir / "rival" / "000099.png").write_bytes(b"old")
    tested()
    assert not list((run_dir / "rival").glob("*.png"))


def test_images_without_annotation_are_no_part_of_the_likeness(tested):
    table, logged = tested(annotate=Annotator(["radial_line", "flow_box"], chance=0.4, seed=1))
    empty = table["kinds"] == NOTHING
    assert 0 < empty.sum() < len(table)
    assert table.loc[empty, "psnr_hvs_m/input"].isna().all()
    assert (table.loc[empty, "psnr_hvs_m_untouched/input"] == 100).all()
    assert table.loc[~empty, "psnr_hvs_m_untouched/input"].isna().all()
    both = table.loc[~empty, ["psnr_hvs_m/noise2noise", "psnr_hvs_m/input"]].mean()
    assert logged["test/psnr_hvs_m"] == pytest.approx(both.iloc[0])
    assert logged["test/psnr_hvs_m_gain"] == pytest.approx(both.iloc[0] - both.iloc[1])


def test_kinds_are_those_that_changed_a_pixel(tested, run_dir):
    table, logged = tested(annotate=Annotator(["radial_line", "flow_box"], chance=0.7, seed=1))
    for row in table.itertuples():
        noisy, clean = (pixels(run_dir, name, row.index) for name in ("annotated", "reference"))
        assert (row.kinds == NOTHING) == np.array_equal(noisy, clean)
    assert not [name for name in logged if "+" in name or "//" in name]
