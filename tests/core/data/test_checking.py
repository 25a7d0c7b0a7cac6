import shutil

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from core.data import KaggleNerve
from core.data.checking import check
from core.data.sources.base import Source


def test_sound_source_has_no_problems(kaggle):
    assert check(KaggleNerve(kaggle)) == []


def test_all_problems_are_told_at_once(kaggle):
    (kaggle / "1_1.tif").write_bytes(b"torn")
    (kaggle / "1_2_mask.tif").write_bytes(b"")
    Image.new("L", (10, 10)).save(kaggle / "2_1_mask.tif")
    Image.fromarray(np.tile(np.arange(58, dtype=np.uint8), (42, 1))).save(kaggle / "2_2_mask.tif")
    problems = check(KaggleNerve(kaggle))
    assert [problem.split(": ")[0] for problem in problems] == [
        "1_1.tif",
        "mask 1_2_mask.tif",
        "mask 2_1_mask.tif",
        "mask 2_2_mask.tif",
    ]


def test_equal_images_are_no_problem_since_splits_keep_them_together(kaggle):
    shutil.copy(kaggle / "2_3.tif", kaggle / "10_3.tif")
    assert check(KaggleNerve(kaggle)) == []


def test_masks_that_are_all_empty_are_told(kaggle):
    for path in kaggle.glob("*_mask.tif"):
        Image.new("L", (58, 42)).save(path)
    assert check(KaggleNerve(kaggle)) == ["masks: expected some with foreground, got 12 empty ones"]


class Classes(Source):
    """Three masks of classes up to 3."""

    table = pd.DataFrame({"id": ["a", "b", "c"], "subject": "s"})
    fingerprint = ""

    def __getitem__(self, index):
        return {"image": np.zeros((4, 4), np.uint8), "mask": np.full((4, 4), index + 1, np.uint8)}


def test_a_class_that_no_structure_stands_for_is_told():
    assert check(Classes(), structures=2) == [
        "mask of c: expected classes up to 2, one a structure, got 3"
    ]


@pytest.mark.parametrize("structures", [1, 3])
def test_a_single_structure_takes_all_classes(structures):
    assert check(Classes(), structures=structures) == []
