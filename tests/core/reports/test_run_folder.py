import numpy as np
import pytest

from core.checks import InputError
from core.reports.run_folder import RunFolder


def test_folder_without_summary_is_refused_by_name(tmp_path):
    with pytest.raises(InputError, match=r"run folder with summary\.json"):
        RunFolder.read(tmp_path)


def test_broken_summary_is_refused(tmp_path):
    (tmp_path / "summary.json").write_text("{")
    with pytest.raises(InputError, match=r"summary\.json: expected a JSON object"):
        RunFolder.read(tmp_path)


def test_names_that_look_like_numbers_stay_text(tmp_path):
    (tmp_path / "summary.json").write_text("{}")
    (tmp_path / "per_image.csv").write_text("index,id,subject\n0,007,01\n")
    assert RunFolder.read(tmp_path).images[["id", "subject"]].iloc[0].tolist() == ["007", "01"]


def test_missing_prediction_is_named(tmp_path):
    (tmp_path / "summary.json").write_text("{}")
    with pytest.raises(InputError, match=r"predictions/000012\.png: expected the predicted mask"):
        RunFolder.read(tmp_path).prediction(12)


def test_prediction_is_read_as_it_was_written(tiny_run):
    mask = np.eye(8, dtype=np.uint8)
    tiny_run.write([tiny_run.add(mask, mask)])
    assert (RunFolder.read(tiny_run.root).prediction(0) == mask).all()
