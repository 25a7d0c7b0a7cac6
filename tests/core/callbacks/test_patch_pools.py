from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from core.callbacks import PatchPools
from core.checks import InputError
from core.data import HoldoutSplit, PatchData, Patches
from core.data.sources.base import Source
from core.reports import write_report


class Stripes(Source):
    """Flat grey on the left, black in the middle, ever stronger stripes to the right."""

    fingerprint = "stripes"

    def __init__(self):
        self.table = pd.DataFrame({"id": list("abcde"), "subject": ["007", "8", "9", "10", "11"]})

    def __getitem__(self, index):
        image = np.full((64, 128), 90, np.uint8)
        image[::8, 64:] += np.arange(64, dtype=np.uint8)
        image[:, 32:64] = 0
        return {"image": image, "mask": image % 2}


@pytest.fixture
def data():
    module = PatchData(
        source=Stripes(),
        split=HoldoutSplit(),
        size=(64, 128),
        batch_size=2,
        cache_dir=None,
        patches=Patches(size=16, stride=16, clean_below=2, corrupted_above=4),
    )
    module.setup("fit")
    return module


@pytest.fixture
def write(data, tmp_path):
    def run(*, is_global_zero=True, of=data, **options):
        trainer = SimpleNamespace(
            datamodule=of, is_global_zero=is_global_zero, default_root_dir=str(tmp_path)
        )
        PatchPools(**options).on_fit_start(trainer, None)
        return tmp_path

    return run


def test_table_says_of_each_training_patch_what_and_where_it_is(write, data):
    table = pd.read_csv(write() / "patches.csv", dtype={"id": str, "subject": str})
    assert table.columns.tolist() == [
        *("patch", "index", "id", "subject", "top", "left", "measure", "background", "pool")
    ]
    assert table["patch"].tolist() == list(range(len(data.pools.table)))
    known = data.source.table.iloc[table["index"]].reset_index(drop=True)
    assert table["id"].tolist() == known["id"].tolist()
    assert table["subject"].tolist() == known["subject"].tolist()
    assert set(table["index"]) == set(data.stages["train"])
    np.testing.assert_allclose(table["measure"], data.pools.table["measure"], rtol=1e-5)


def test_each_pool_has_a_figure_beside_the_histogram(write):
    figures = write() / "figures"
    names = {"patches", "patches_clean", "patches_neither", "patches_corrupted"}
    assert {path.stem for path in figures.glob("*.png")} == names
    for path in figures.glob("*.png"):
        assert np.asarray(Image.open(path).convert("L")).std() > 5


def test_a_pool_without_patches_has_none_and_an_old_one_goes(write, data):
    write()
    rule = Patches(size=16, stride=16, clean_below=0.01, corrupted_above=0.02)
    data.__dict__["pools"] = rule.split(data.gridded, data.stages["train"])
    figures = {path.stem for path in (write() / "figures").glob("*.png")}
    assert figures == {"patches", "patches_clean", "patches_corrupted"}


def test_patches_that_are_shown_follow_the_seed(write):
    def picture(**options):
        return (write(**options) / "figures" / "patches_corrupted.png").read_bytes()

    assert picture() == picture(seed=0) != picture(seed=1)


def test_figures_are_in_the_report(write):
    folder = write()
    (folder / "summary.json").write_text('{"project": "p", "run": "r", "metrics": {}}')
    page = write_report(folder, lambda index: None).read_text()
    assert "Training patches" in page
    assert page.count("data:image/png") == 4
    assert "Corrupted: " in page


def test_other_processes_write_nothing(write):
    assert not list(write(is_global_zero=False).iterdir())


def test_data_that_are_not_cut_into_patches_are_refused(write):
    with pytest.raises(InputError, match="PatchPools: expected data of patches .PatchData., got"):
        write(of=SimpleNamespace())
