"""The real nerve images, where they are at hand."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from core.data import ColumnSplit, HoldoutSplit, Manifest
from core.data.cache import CachedSource
from core.data.duplicates import find_duplicates

MANIFEST = Path(__file__).parents[3] / "../shared/data/nerves_usgra/manifest.csv"

pytestmark = [
    pytest.mark.skipif(not MANIFEST.exists(), reason="needs ../shared/data/nerves_usgra"),
    pytest.mark.filterwarnings("ignore:manifest.csv has no column 'subject'"),
]


NERVE = {"128,0,0": 1, "0,128,0": 0}


@pytest.fixture(scope="module")
def nerves(tmp_path_factory):
    """A few images, with the two that are one."""
    folder = tmp_path_factory.mktemp("nerves")
    rows = pd.read_csv(MANIFEST)
    rows[rows["image"].str.contains("0043|0077|[05]5.png")].to_csv(
        folder / "manifest.csv", index=False
    )
    source = Manifest(folder / "manifest.csv", root=MANIFEST.parent, foreground=NERVE)
    return CachedSource(source, folder / "cache")


def test_every_image_holds_a_nerve_and_vessels_count_as_background(nerves):
    assert nerves.table["has_mask"].all()
    assert {int(sample["mask"].max()) for sample in nerves} == {1}


def test_mask_is_where_the_file_is_red(nerves):
    path = nerves.table["id"][3].replace("images", "masks")
    colours = np.asarray(Image.open(MANIFEST.parent / path).convert("RGB"))
    np.testing.assert_array_equal(nerves[3]["mask"], (colours == (128, 0, 0)).all(axis=-1))


def test_the_one_duplicate_is_found(nerves):
    pairs = find_duplicates(nerves)
    assert pairs["id_a"].tolist() == ["dataset/images/0043.png"]
    assert pairs["id_b"].tolist() == ["dataset/images/0077.png"]


def test_published_split_has_its_published_sizes():
    stages = ColumnSplit(column="published_split")(Manifest(MANIFEST, foreground=NERVE).table)
    assert len(stages["test"]) == 40
    assert len(stages["train"]) + len(stages["val"]) == 204


@pytest.mark.parametrize("seed", range(10))
def test_duplicate_stays_on_one_side(nerves, seed):
    digest = nerves.table["image_digest"]
    (pair,) = [rows for rows in digest.groupby(digest).indices.values() if len(rows) > 1]
    stages = HoldoutSplit(seed=seed)(nerves.table)
    assert sorted(np.isin(pair, rows).sum() for rows in stages.values()) == [0, 0, 2]
