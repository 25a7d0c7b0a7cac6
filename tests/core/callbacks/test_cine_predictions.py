"""Cines as folders of PNGs, through a real prediction, by a network that looks at brightness."""

import re

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from torch import nn

from core.callbacks import CinePredictionWriter
from core.checks import InputError
from core.data import CineFolder, HoldoutSplit
from core.data.labelled import LabelledData
from core.tasks import ClassificationTask

LEVELS = {"b/sure": [250, 255, 252], "a/mixed": [110, 110, 250], "c/near": [121, 124]}
"""Grey levels of the frames of each cine."""


class Brightness(nn.Module):
    """Dark images are of the first class, bright ones of the second."""

    def forward(self, image):
        bright = 8 * (image.flatten(1).mean(1) - 0.5)
        return torch.stack([-bright / 2, bright / 2], dim=1)


def brights(cine):
    """What it gives for the second class of each frame."""
    return 1 / (1 + np.exp(-8 * (np.array(LEVELS[cine]) / 255 - 0.5)))


@pytest.fixture
def predict(tmp_path, make_trainer):
    for name, levels in LEVELS.items():
        (tmp_path / "cines" / name).mkdir(parents=True)
        for number, level in enumerate(levels):
            image = Image.fromarray(np.full((12, 16), level, np.uint8))
            image.save(tmp_path / "cines" / name / f"{number}.png")
    task = ClassificationTask(
        network=Brightness(),
        loss=nn.CrossEntropyLoss(reduction="none"),
        optimizer=torch.optim.SGD,
        classes=["DARK", "BRIGHT"],
    )

    def run(**options):
        data = LabelledData(
            source=CineFolder(tmp_path / "cines"),
            split=HoldoutSplit(val=0.2, test=0.2, seed=0),
            size=(8, 8),
            batch_size=3,
            cache_dir=None,
            **options,
        )
        writer = CinePredictionWriter(tmp_path / "out", "the model")
        make_trainer(writer).predict(task, datamodule=data, return_predictions=False)
        return writer

    return run


def test_each_frame_has_its_probabilities(predict, tmp_path):
    predict()
    frames = pd.read_csv(tmp_path / "out" / "frames.csv")
    expected = ["cine", "frame", "predicted", "confidence", "p/DARK", "p/BRIGHT"]
    assert list(frames.columns) == expected
    assert frames["cine"].tolist() == ["a/mixed"] * 3 + ["b/sure"] * 3 + ["c/near"] * 2
    assert frames["frame"].tolist() == [0, 1, 2, 0, 1, 2, 0, 1]
    bright = np.concatenate([brights(cine) for cine in sorted(LEVELS)])
    np.testing.assert_allclose(frames["p/BRIGHT"], bright, rtol=1e-5)
    np.testing.assert_allclose(frames["p/DARK"], 1 - bright, rtol=1e-4)
    assert frames["predicted"].tolist() == list(np.where(bright > 0.5, "BRIGHT", "DARK"))
    np.testing.assert_allclose(frames["confidence"], np.maximum(bright, 1 - bright), rtol=1e-5)


def test_each_cine_is_decided_on_by_all_its_frames(predict, tmp_path):
    predict()
    cines = pd.read_csv(tmp_path / "out" / "cines.csv").set_index("cine")
    expected = ["device", "frames", "majority", "mean_probability", "votes", "confidence"]
    assert list(cines.columns) == expected
    assert cines["frames"].to_dict() == {"a/mixed": 3, "b/sure": 3, "c/near": 2}
    mixed = cines.loc["a/mixed"]
    assert (mixed["majority"], mixed["mean_probability"]) == ("DARK", "BRIGHT")
    assert mixed["votes"] == pytest.approx(2 / 3)
    assert mixed["confidence"] == pytest.approx((1 - brights("a/mixed")).mean(), rel=1e-5)
    assert cines.loc["b/sure", "confidence"] == pytest.approx(brights("b/sure").mean(), rel=1e-5)


def test_the_page_shows_the_least_certain_first(predict):
    page = predict().page.read_text()
    names = re.findall(r'<img src="data:image/jpeg;base64,[^"]+" alt="([^"]+)">', page)
    assert names == ["a/mixed: DARK", "c/near: DARK", "b/sure: BRIGHT"]
    assert "3 cines: BRIGHT 1, DARK 2." in page
    assert "the model" in page


def test_a_clip_decides_on_a_whole_cine_without_votes(predict, tmp_path):
    page = predict(clip=2).page.read_text()
    cines = pd.read_csv(tmp_path / "out" / "cines.csv").set_index("cine")
    assert cines["frames"].to_dict() == {"a/mixed": 3, "b/sure": 3, "c/near": 2}
    assert "votes" not in cines
    assert not (tmp_path / "out" / "frames.csv").exists()
    assert "% · 3 frames<br>a/mixed" in page


def test_nothing_is_overwritten(predict, tmp_path):
    predict()
    before = (tmp_path / "out" / "cines.csv").stat().st_mtime_ns
    with pytest.raises(InputError, match="--output: expected a new or empty folder"):
        predict()
    assert (tmp_path / "out" / "cines.csv").stat().st_mtime_ns == before


def test_copies_that_only_pad_a_batch_are_not_counted(tmp_path, make_trainer, predict):
    writer = CinePredictionWriter(tmp_path / "out", "the model")
    task = type("Task", (), {"classes": ("DARK", "BRIGHT")})()
    batch = {"index": torch.tensor([4, 0]), "is_padding": torch.tensor([False, True])}
    outputs = {"probabilities": torch.tensor([[0.9, 0.1], [0.2, 0.8]])}
    writer.on_predict_batch_end(None, task, outputs, batch, 0)
    assert [row["index"] for row in writer._rows] == [4]
