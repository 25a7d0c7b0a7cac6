from types import SimpleNamespace

import cv2
import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from core.callbacks import PredictionWriter
from core.checks import InputError
from core.reports.masks import load_mask

SIZE = (40, 60)
SPACING_MM = (0.1, 0.2)


def disc(*middles, value=1):
    mask = np.zeros(SIZE, np.uint8)
    for middle in middles:
        cv2.circle(mask, middle, 8, value, -1)
    return mask


@pytest.fixture
def predicted(tmp_path):
    """Write these masks as predictions of images a, b...; returns the folder and the table."""

    def write(*masks, structures=("nerve",), **seen):
        count = len(masks)
        writer = PredictionWriter(tmp_path / "out", "a model")
        batch = {
            "id": [f"{letter}.png" for letter in "abc"[:count]],
            "index": torch.arange(count),
            "is_padding": torch.zeros(count, dtype=torch.bool),
            "spacing_mm": torch.tensor([SPACING_MM] * count),
        }
        outputs = {"masks": list(masks), "presence": torch.full((count,), torch.nan)}
        outputs |= seen
        spacings = dict(zip(("spacing_row_mm", "spacing_col_mm"), SPACING_MM, strict=True))
        images = [{"image": np.zeros(SIZE, np.uint8)}] * count
        table = pd.DataFrame([spacings] * count).assign(id=batch["id"], subject="s")
        source = type("Images", (), {"table": table, "__getitem__": lambda self, i: images[i]})()
        trainer = SimpleNamespace(
            world_size=1, is_global_zero=True, datamodule=SimpleNamespace(source=source)
        )
        task = SimpleNamespace(structures=structures)
        writer.on_predict_start(trainer, task)
        writer.on_predict_batch_end(trainer, task, outputs, batch, 0)
        writer.on_predict_end(trainer, task)
        return tmp_path / "out", pd.read_csv(tmp_path / "out" / "predictions.csv")

    return write


def test_areas_are_told_in_pixels_and_mm2(predicted):
    mask = disc((20, 20))
    _, table = predicted(mask)
    assert table.loc[0, "area_px"] == mask.sum()
    assert table.loc[0, "area_mm2"] == pytest.approx(mask.sum() * 0.02)
    assert table.loc[0, "ellipticity"] > 0.9


def test_two_masses_are_counted_and_told(predicted):
    folder, table = predicted(disc((15, 20), (45, 20)), disc((20, 20)))
    assert table["masses"].tolist() == [2, 1]
    assert (folder / "predictions.html").read_text().count("2 separate masses") == 2  # text and alt


def test_nothing_found_is_zero_masses(predicted):
    _, table = predicted(np.zeros(SIZE, np.uint8))
    assert table.loc[0, ["area_px", "masses"]].tolist() == [0, 0]
    assert np.isnan(table.loc[0, "ellipticity"])


def test_each_structure_has_a_row_and_one_mask_holds_all(predicted):
    mask = disc((15, 20)) + disc((45, 20), value=2)
    folder, table = predicted(mask, structures=("nerve", "vessel"))
    assert table["structure"].tolist() == ["nerve", "vessel"]
    assert table["area_px"].tolist() == [(mask == 1).sum(), (mask == 2).sum()]
    assert (load_mask(folder / "masks" / "a.png") == mask).all()


def test_table_has_these_columns_and_runs_by_image_and_structure(predicted):
    _, table = predicted(disc((9, 9)), disc((9, 9)), disc((9, 9)), structures=tuple("zyxwvutsr"))
    columns = "index,id,area_px,area_mm2,masses,ellipticity,mask,structure,presence"
    assert ",".join(table.columns) == columns
    assert table["index"].tolist() == [0] * 9 + [1] * 9 + [2] * 9
    assert "".join(table["structure"]) == 3 * "zyxwvutsr"


def test_restored_images_are_kept_and_shown(predicted):
    restored = np.arange(SIZE[0] * SIZE[1], dtype=np.uint8).reshape(SIZE)
    folder, _ = predicted(disc((20, 20)), restored=[restored])
    with Image.open(folder / "restored" / "a.png") as picture:
        assert (np.asarray(picture) == restored).all()
    assert "<figcaption>Restored</figcaption>" in (folder / "predictions.html").read_text()


def test_a_network_that_restores_nothing_leaves_no_folder_of_it(predicted):
    folder, _ = predicted(disc((20, 20)))
    assert {path.name for path in folder.iterdir()} == {
        "masks",
        "predictions.csv",
        "predictions.html",
    }


def test_a_folder_that_holds_something_is_refused(tmp_path):
    (tmp_path / "original.png").write_text("")
    with pytest.raises(InputError, match="--output: expected a new or empty folder"):
        PredictionWriter(tmp_path, "a model")
