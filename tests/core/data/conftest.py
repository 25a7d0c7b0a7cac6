"""A source of given samples."""

import pandas as pd
import pytest

from core.data.sources.base import Source


class ListedSource(Source):
    """A source of given samples."""

    def __init__(self, samples, subjects):
        ids = [f"image {number}" for number in range(len(samples))]
        self.table = pd.DataFrame({"id": ids, "subject": list(subjects)})
        self.samples = samples

    def __getitem__(self, index):
        return self.samples[index]

    @property
    def fingerprint(self):
        return "listed"


@pytest.fixture
def listed():
    """Builds a source from lists of images, masks and subjects."""

    def build(images, masks=None, subjects=None):
        samples = [{"image": image} for image in images]
        for sample, mask in zip(samples, masks or [], strict=bool(masks)):
            sample["mask"] = mask
        return ListedSource(samples, subjects or ["A"] * len(images))

    return build
