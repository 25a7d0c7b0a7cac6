"""Labelled frames of sequences, each even in one grey level that tells its row."""

import numpy as np
import pandas as pd
import pytest

from core.data import HoldoutSplit
from core.data.labelled import LabelledData
from core.data.sources.base import Source


class Frames(Source):
    """Four patients, two sequences each (views A and B) of three frames; level = 10 x row."""

    def __init__(self, frames=3):
        rows = [(p, v, f) for p in range(4) for v in "AB" for f in range(frames)]
        self.table = pd.DataFrame(
            {
                "id": [f"{p}{v}{f}" for p, v, f in rows],
                "subject": [str(p) for p, _, _ in rows],
                "sequence": [f"{p}{v}" for p, v, _ in rows],
                "view": [v for _, v, _ in rows],
            }
        )

    def __getitem__(self, index):
        return {"image": np.full((20, 40, 3), 5 * index, np.uint8)}

    @property
    def fingerprint(self):
        return "frames"


@pytest.fixture
def data(tmp_path):
    """Builds the DataModule, set up, on a grid of 10 x 20."""

    def build(source=None, **options):
        defaults = {
            "source": source or Frames(),
            "split": HoldoutSplit(val=0.25, test=0.25, seed=0),
            "size": (10, 20),
            "batch_size": 6,
            "cache_dir": tmp_path / "cache",
        }
        built = LabelledData(**{**defaults, **options})
        built.prepare_data()
        built.setup("fit")
        return built

    return build
