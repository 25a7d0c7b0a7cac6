import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest

import core.phantoms
from core.checks import InputError
from core.data import NervePhantom

SMALL = {"subjects": 3, "frames": 8, "size": (42, 58)}


@pytest.fixture(scope="module")
def phantom():
    return NervePhantom(**SMALL, wrong_labels=0.4, seed=1)


def test_table_tells_the_truth_about_the_masks(phantom):
    table = phantom.table
    found = np.array([sample["mask"].any() for sample in phantom])
    np.testing.assert_array_equal(found, table["has_mask"])
    np.testing.assert_array_equal(found, table["nerve_visible"] & ~table["label_wrong"])
    assert table["label_wrong"].sum() == round(0.4 * table["nerve_visible"].sum())


def test_rows_are_named_by_subject_and_frame(phantom):
    assert phantom.table["id"].tolist()[:2] == ["1_1", "1_2"]
    assert phantom.table["subject"].tolist() == ["1"] * 8 + ["2"] * 8 + ["3"] * 8


def test_samples_are_bytes_of_the_size_asked_for(phantom):
    sample = phantom[5]
    assert (sample["image"].shape, sample["image"].dtype) == ((42, 58), np.uint8)
    assert (sample["mask"].shape, sample["mask"].dtype) == ((42, 58), np.uint8)


def test_spacing_follows_from_depth_and_rows(phantom):
    columns = phantom.table[["spacing_row_mm", "spacing_col_mm"]]
    np.testing.assert_allclose(columns, 30 / 42)


def test_it_is_simulated_and_says_so(phantom):
    assert phantom.simulated


def test_same_arguments_give_the_same_samples(phantom):
    again = pickle.loads(pickle.dumps(NervePhantom(**SMALL, wrong_labels=0.4, seed=1)))
    np.testing.assert_array_equal(again[7]["image"], phantom[7]["image"])
    assert again.fingerprint == phantom.fingerprint


@pytest.mark.parametrize("change", [{"seed": 2}, {"wrong_labels": 0.0}, {"frames": 9}])
def test_fingerprint_changes_with_every_argument(phantom, change):
    arguments = {**SMALL, "wrong_labels": 0.4, "seed": 1, **change}
    assert NervePhantom(**arguments).fingerprint != phantom.fingerprint


@pytest.mark.parametrize("name", ["neck.py", "heart/scene.py"])
def test_fingerprint_changes_with_the_code_of_any_depth(tmp_path, monkeypatch, name):
    copied = tmp_path / "phantoms"
    shutil.copytree(Path(core.phantoms.__file__).parent, copied)
    monkeypatch.setattr(core.phantoms, "__file__", str(copied / "__init__.py"))
    before = NervePhantom(**SMALL).fingerprint
    with (copied / name).open("a") as code:
        code.write("# changed")
    assert NervePhantom(**SMALL).fingerprint != before


def test_argument_out_of_range_is_named():
    with pytest.raises(InputError, match=r"wrong_labels: expected .*, got 2"):
        NervePhantom(**SMALL, wrong_labels=2)
