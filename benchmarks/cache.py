"""Images a second from the cache, beside decoding LZW TIFF files with Pillow or OpenCV each time.

The files are generated in the layout and size of the Kaggle nerve set, 420 x 580 with a mask each.
"Raw" copies image and mask into memory; "training" also lays them into an 80 x 112 grid, augments
them and makes tensors, as in training.

Run: python -m benchmarks.cache
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import albumentations
import cv2
import numpy as np
from PIL import Image

from benchmarks.timing import alternate, one_thread, ratios, show, write_results
from core.data import KaggleNerve, NervePhantom
from core.data.cache import CachedSource
from core.data.dataset import GridDataset
from core.data.loader import SampleKey
from core.data.sources.base import RawSample, Source
from core.grids import Grid

OURS = "cache"
IMAGES, REPEATS = 200, 7


class PillowTiff(KaggleNerve):
    """The shortest way with Pillow."""

    def __getitem__(self, index: int) -> RawSample:
        """Decode both files."""
        image, mask = np.asarray(Image.open(self.images[index])), Image.open(self.masks[index])
        return {"image": image, "mask": (np.asarray(mask) > 0).astype(np.uint8)}


class OpenCvTiff(KaggleNerve):
    """The shortest way with OpenCV."""

    def __getitem__(self, index: int) -> RawSample:
        """Decode both files."""
        paths = (self.images[index], self.masks[index])
        image, mask = (cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) for path in paths)
        return {"image": image, "mask": (mask > 0).astype(np.uint8)}


def write_files(folder: Path) -> None:
    """Write simulated frames under the names of the Kaggle set."""
    source = NervePhantom(subjects=5, frames=IMAGES // 5, size=(420, 580))
    for name, sample in zip(source.table["id"], source, strict=True):
        Image.fromarray(sample["image"]).save(folder / f"{name}.tif", compression="tiff_lzw")
        mask = Image.fromarray(sample["mask"] * 255)
        mask.save(folder / f"{name}_mask.tif", compression="tiff_lzw")


def raw(source: Source) -> Callable[[], object]:
    """Load everything once."""
    return lambda: [array.copy() for sample in source for array in sample.values()]


def training(source: Source) -> Callable[[], object]:
    """Load everything once as in training."""
    augment = [
        albumentations.HorizontalFlip(p=0.5),
        albumentations.Affine(scale=(0.9, 1.1), rotate=(-10, 10), translate_percent=0.05, p=1),
        albumentations.RandomBrightnessContrast(p=0.5),
    ]
    dataset = GridDataset(source, grid=Grid(size=(80, 112)), augment=augment)
    return lambda: [dataset[SampleKey(index, 0, False)] for index in range(len(dataset))]


def main() -> None:
    """Measure, print and keep the figures."""
    figures: dict[str, object] = {"images": IMAGES, "size": [420, 580]}
    with TemporaryDirectory() as folder:
        root = Path(folder)
        write_files(root)
        cached = CachedSource(KaggleNerve(root), root / "cache")
        cached.build()
        sources = {
            OURS: cached,
            "Pillow": PillowTiff(root),
            "OpenCV": OpenCvTiff(root),
            "our strict reading": KaggleNerve(root),
        }
        for name, way in (("raw", raw), ("training", training)):
            calls = {label: way(source) for label, source in sources.items()}
            seconds = alternate(calls, REPEATS, time.process_time)
            show(f"{name}: {IMAGES} images with masks, CPU seconds", seconds, OURS)
            rates = {label: round(IMAGES / s) for label, s in seconds.items()}
            print(f"  images/s: {rates}")
            figures[name] = {"images_per_s": rates, "times_ours": ratios(seconds, OURS)}
    write_results("cache", figures)


if __name__ == "__main__":
    one_thread()
    main()
