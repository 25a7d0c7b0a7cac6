"""Tiny data sets in the layout of the real ones."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from core.data.sources.base import Source


def write_frame(folder, name, rng, *, nerve):
    """One frame as the competition stores it: 8-bit grey LZW TIFF, mask 0 and 255."""
    image = rng.integers(0, 256, (42, 58), dtype=np.uint8)
    mask = np.zeros_like(image)
    if nerve:
        mask[10:20, 20:40] = 255
    Image.fromarray(image).save(folder / f"{name}.tif", compression="tiff_lzw")
    Image.fromarray(mask).save(folder / f"{name}_mask.tif", compression="tiff_lzw")


@pytest.fixture
def kaggle(tmp_path) -> Path:
    """Three subjects of four frames; every other frame holds a nerve."""
    folder = tmp_path / "train"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for subject in (1, 2, 10):
        for frame in range(1, 5):
            write_frame(folder, f"{subject}_{frame}", rng, nerve=frame % 2)
    (folder / "train_masks.csv").write_text("subject,img,pixels\n")
    return folder


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
