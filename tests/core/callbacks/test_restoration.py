import json

import lightning.pytorch as pl
import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from torch.utils.data import DataLoader

from core.callbacks import Restoration, RunSummary
from core.edges import EdgeMeasure
from core.metrics.restoration import psnr, smooth, ssim

BOX = (0, 8, 64, 32)  # the image's place in a grid of 64 rows and 48 columns
STRIPES = slice(20, 40)
MEASURES = ("psnr", "ssim", "psnr_gain", "edge_ratio", "detail_change", "detail_loss")


def clean(index):
    """A noise-free image (64, 32) in 0..1."""
    rng = np.random.default_rng(index)
    return smooth(rng.random((64, 32))).astype(np.float32) * 0.5 + 0.2


def sample(index):
    """An image with stripes on every fourth of rows 20 to 39, in the middle of a black grid."""
    top, left, height, width = BOX
    views = {"reference": clean(index), "image": clean(index)}
    views["image"][STRIPES][::4] += 0.2
    views["striped"] = np.zeros((height, width))
    views["striped"][STRIPES] = 1
    grids = {name: np.zeros((64, 48), np.float32) for name in views}
    for name, view in views.items():
        grids[name][top : top + height, left : left + width] = view
    batch = {name: torch.from_numpy(grids[name])[None] for name in ("image", "reference")}
    return batch | {
        "striped": torch.from_numpy(grids["striped"]).long(),
        "box": torch.tensor(BOX),
        "index": torch.tensor(index % 100),
        "is_padding": torch.tensor(index >= 100),
    }


class Clean(torch.nn.Module):
    """Subtracts the stripes, and half a grey level everywhere."""

    def restore(self, image):
        rows = torch.zeros_like(image)
        rows[..., STRIPES, :][..., ::4, 8:40] = 0.2
        return (image - rows - 0.5 / 255).clamp(0, 1)


class Task(pl.LightningModule):
    def __init__(self, network):
        super().__init__()
        self.network = network

    def test_step(self, batch, batch_idx):
        return {}


@pytest.fixture
def data(tiny):
    """The tiny data, with images as above; `without` leaves keys out."""

    class Data(tiny.Data):
        def __init__(self, rows, without=()):
            super().__init__(rows)
            self.without = without

        def test_dataloader(self):
            items = [sample(row) for row in self.stages["test"]]
            kept = [{k: v for k, v in item.items() if k not in self.without} for item in items]
            return DataLoader(kept, batch_size=2)

    return Data


@pytest.fixture
def measured(make_trainer, run_dir, data):
    """Run a test, and return the table and what was logged."""

    def run(rows=(1, 2, 4), network=None, **options):
        trainer = make_trainer(Restoration(), RunSummary(seed=1))
        task = Task(Clean() if network is None else network)
        trainer.test(task, datamodule=data(rows, **options), verbose=False)
        path = run_dir / "restoration.csv"
        table = pd.read_csv(path, dtype={"subject": str}) if path.is_file() else None
        return table, json.loads((run_dir / "summary.json").read_text())["metrics"]

    return run


def test_each_image_has_a_row_and_what_the_source_knows(measured):
    table, _ = measured((4, 1, 2))
    assert table.columns[:3].tolist() == ["index", "id", "subject"]
    assert table["index"].tolist() == [1, 2, 4]
    assert table["id"].tolist() == ["im1", "im2", "im4"]
    assert table["subject"].tolist() == ["007"] * 3


def test_images_are_held_against_the_noise_free_ones_within_their_box(measured):
    table, _ = measured((1,))
    row = table.iloc[0]
    striped = clean(1)
    striped[STRIPES][::4] += 0.2
    assert row["psnr_input"] == pytest.approx(psnr(striped, clean(1)), rel=1e-4)
    assert row["ssim_input"] == pytest.approx(ssim(striped, clean(1)), rel=1e-4)
    assert row["psnr_restored"] == pytest.approx(20 * np.log10(255 / 0.5), rel=1e-3)


def test_edges_are_those_of_the_stripes(measured):
    table, _ = measured((1,))
    row = table.iloc[0]
    assert row["edge_restored"] == pytest.approx(row["edge_reference"], rel=0.05)
    striped = np.zeros((64, 32), bool)
    striped[STRIPES] = True
    levels = np.rint(clean(1) * 255).astype(np.uint8)
    assert row["edge_reference"] == pytest.approx(EdgeMeasure().mean(levels, striped))
    assert row["edge_input"] > 1.05 * row["edge_reference"]


def test_detail_is_that_of_the_tissue_without_stripes(measured):
    table, _ = measured((1, 2))
    assert table["detail_change"].tolist() == pytest.approx([0.5 / 255] * 2, rel=1e-3)
    assert (table["detail_loss"] > 0).all()


def test_means_are_in_the_summary(measured):
    table, metrics = measured()
    assert set(metrics) == {f"test/{name}" for name in MEASURES}
    gain = (table["psnr_restored"] - table["psnr_input"]).mean()
    assert metrics["test/psnr_gain"] == pytest.approx(gain)
    assert metrics["test/psnr"] == pytest.approx(table["psnr_restored"].mean())
    ratio = (table["edge_restored"] / table["edge_input"]).mean()
    assert metrics["test/edge_ratio"] == pytest.approx(ratio)


def test_images_are_written_without_their_margins(measured, run_dir):
    measured((2,))
    restored = np.asarray(Image.open(run_dir / "restored" / "000002.png"))
    reference = np.asarray(Image.open(run_dir / "reference" / "000002.png"))
    assert (restored.dtype, restored.shape) == (np.uint8, (64, 32))
    assert np.array_equal(reference, np.rint(clean(2) * 255).astype(np.uint8))
    assert np.abs(restored.astype(int) - reference).max() <= 1


def test_padding_is_neither_written_nor_measured(measured, run_dir):
    table, _ = measured((3, 101))
    assert table["index"].tolist() == [3]
    assert [path.name for path in (run_dir / "restored").iterdir()] == ["000003.png"]


def test_an_earlier_test_is_forgotten(measured, run_dir):
    measured((1, 2))
    measured((3,), without=["reference"])
    assert [path.name for path in (run_dir / "restored").iterdir()] == ["000003.png"]
    assert list((run_dir / "reference").iterdir()) == []
    assert measured((3,), network=torch.nn.Identity())[0] is None


def test_without_a_reference_its_measures_are_unknown(measured):
    table, metrics = measured(without=["reference"])
    assert metrics["test/psnr"] is None
    assert metrics["test/ssim"] is None
    assert metrics["test/detail_change"] == pytest.approx(0.5 / 255, rel=1e-3)
    assert "edge_reference" not in table


def test_where_stripes_are_unknown_edges_are_those_of_the_tissue(measured):
    table, metrics = measured(without=["striped"])
    assert metrics["test/detail_change"] is None
    assert 0 < metrics["test/edge_ratio"] < 1
    assert table["edge_input"].notna().all()


def test_network_that_restores_nothing_is_left_alone(measured, run_dir):
    table, metrics = measured(network=torch.nn.Identity())
    assert table is None
    assert metrics == {}
    assert not (run_dir / "restored").exists()


def test_network_is_run_as_the_trainer_runs_it(make_trainer, data):
    seen = []

    class Watched(Clean):
        def restore(self, image):
            seen.append((torch.is_autocast_enabled("cpu"), torch.is_grad_enabled()))
            return super().restore(image)

    trainer = make_trainer(Restoration(), precision="bf16-mixed")
    trainer.test(Task(Watched()), datamodule=data((1,)), verbose=False)
    assert seen == [(True, False)]
