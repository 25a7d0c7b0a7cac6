"""Seconds to cut 80 spine images into patches and part them, beside the plain ways to do it.

The images are of the size that the paper's come in, 2500 x 640, and lie decoded in a cache; they
are laid on 1024 x 256 and cut into patches of 96 x 96, 48 apart (Huang et al., ISBI 2021). Peers
find the same numbers: one patch after the other with SciPy's filter and NumPy's mean, and all
patches of an image copied side by side by `torch.nn.functional.unfold`.

The second part is what one training sample costs: a patch and its clean partner.

Run: python -m benchmarks.patch_splitting
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import albumentations
import cv2
import numpy as np
import pandas as pd
import torch
from scipy import ndimage

from benchmarks.timing import alternate, one_thread, ratios, show, write_results
from core.data.cache import CachedSource
from core.data.gridded import GriddedSource
from core.data.loader import SampleKey
from core.data.patches import Patches, PatchTable
from core.data.patches.dataset import PatchDataset
from core.data.sources.base import RawSample, Source
from core.grids import Grid

IMAGES, ORIGINAL, GRID = 80, (2500, 640), Grid(size=(1024, 256))
PATCHES = Patches(size=96, stride=48)
OURS, REPEATS, SAMPLES = "integral image", 5, 2000
AUGMENT = (
    albumentations.HorizontalFlip(p=0.5),
    albumentations.Affine(rotate=(-10, 10), p=1.0),
)


class StripedTexture(Source):
    """Smooth texture between black margins, with bright horizontal lines in some places."""

    def __init__(self) -> None:
        ids = [f"image {number}" for number in range(IMAGES)]
        self.table = pd.DataFrame({"id": ids, "subject": ids})

    def __getitem__(self, index: int) -> RawSample:
        rng = np.random.default_rng(index)
        noise = rng.standard_normal(ORIGINAL).astype(np.float32)
        image = 90 + 500 * cv2.GaussianBlur(noise, (0, 0), 8)
        for top in rng.integers(0, ORIGINAL[0] - 300, 4):
            image[top : top + 300 : 12, 200:400] += 90
        image[:, :80] = image[:, -80:] = 0
        mask = np.digitize(image, (110, 130, 150)).astype(np.uint8)  # three structures
        return {"image": np.clip(image, 0, 255).astype(np.uint8), "mask": mask}

    @property
    def fingerprint(self) -> str:
        """Of this benchmark alone."""
        return "striped texture"


def patch_by_patch(source: Source, table: pd.DataFrame) -> np.ndarray:
    """Return the measure of each patch, the plainest way: cut, average, next."""
    size, found = PATCHES.size, np.zeros(len(table))
    for row, patches in table.groupby("row"):
        image = source[int(row)]["image"].astype(np.float32)
        edges = np.abs(ndimage.sobel(image, axis=0, mode="nearest")) / 8
        places = zip(patches.index, patches["top"], patches["left"], strict=True)
        for number, top, left in places:
            found[number] = edges[top : top + size, left : left + size].mean(dtype=np.float64)
    return found


def unfolded(source: Source, table: pd.DataFrame) -> np.ndarray:
    """Return the measure of each patch on the regular places, as torch's users write it."""
    kernel = torch.tensor([[-1.0, -2, -1], [0, 0, 0], [1, 2, 1]])[None, None] / 8
    means = []
    for row in table["row"].unique():
        image = torch.from_numpy(source[int(row)]["image"].astype(np.float32))[None, None]
        image = torch.nn.functional.pad(image, (1, 1, 1, 1), mode="replicate")
        edges = torch.nn.functional.conv2d(image, kernel).abs()
        columns = torch.nn.functional.unfold(edges, PATCHES.size, stride=PATCHES.stride)
        means.append(columns.mean(dim=1).flatten())
    return torch.cat(means).numpy()


def phases(source: Source, folder: Path) -> tuple[CachedSource, PatchTable, dict[str, float]]:
    """Lay on the grid and write the cache, then measure and part; seconds of each."""
    gridded = CachedSource(GriddedSource(source, GRID), folder)
    start = time.perf_counter()
    gridded.build()
    laid = time.perf_counter()
    found = PATCHES.split(gridded, np.arange(IMAGES))
    parted = time.perf_counter()
    maps = [PATCHES.edge.map(gridded[row]["image"]) for row in range(IMAGES)]
    filtered = time.perf_counter() - parted
    del maps
    seconds = {"laying and caching": laid - start, "measuring and parting": parted - laid}
    return gridded, found, seconds | {"of that, the filter": filtered}


def check(gridded: Source, found: PatchTable) -> None:
    """End here unless the peers find our numbers."""
    table = found.table
    np.testing.assert_allclose(patch_by_patch(gridded, table), table["measure"], rtol=1e-4)
    regular = (table["top"] % PATCHES.stride == 0) & (table["left"] % PATCHES.stride == 0)
    expected = table.loc[regular, "measure"]
    np.testing.assert_allclose(unfolded(gridded, table), expected, rtol=1e-3)


def sample_costs(gridded: Source, found: PatchTable) -> dict[str, float]:
    """Return microseconds of one training sample, by what is in it."""
    keys = [SampleKey(int(n), 0, False) for n in np.resize(found.numbers("all"), SAMPLES)]
    costs = {}
    for unpaired in (False, True):
        for augment in ((), AUGMENT):
            dataset = PatchDataset(gridded, found, unpaired=unpaired, augment=augment)
            seconds = alternate({"all": sampling(dataset, keys)}, 3, time.process_time)["all"]
            name = f"{'pair' if unpaired else 'patch'}{', augmented' if augment else ''}"
            costs[name] = round(1e6 * seconds / SAMPLES, 1)
    return costs


def sampling(dataset: PatchDataset, keys: list[SampleKey]) -> Callable[[], object]:
    """Return what takes all these samples once."""
    return lambda: [dataset[key]["index"] for key in keys]


def main() -> None:
    """Measure, print and keep the figures."""
    with TemporaryDirectory() as folder:
        source = CachedSource(StripedTexture(), folder)
        source.build()
        gridded, found, seconds = phases(source, Path(folder))
        check(gridded, found)
        counts = found.table["pool"].value_counts().to_dict()
        print(f"{IMAGES} images, {len(found.table)} patches {counts}; seconds {seconds}")
        ways = {
            OURS: lambda: PATCHES.split(gridded, np.arange(IMAGES)),
            "patch by patch, SciPy and NumPy": lambda: patch_by_patch(gridded, found.table),
            "unfold, torch": lambda: unfolded(gridded, found.table),
        }
        times = alternate(ways, REPEATS, time.process_time)
        show("measuring and parting, CPU seconds", times, OURS)
        costs = sample_costs(gridded, found)
        print(f"one training sample, CPU microseconds: {costs}")
    figures = {
        "images": IMAGES, "original": ORIGINAL, "grid": GRID.size, "patches": len(found.table),
        "pools": counts, "seconds": {name: round(s, 3) for name, s in seconds.items()},
        "measuring_s": {name: round(s, 4) for name, s in times.items()},
        "times_ours": ratios(times, OURS), "sample_us": costs,
    }  # fmt: skip
    write_results("patch_splitting", figures)


if __name__ == "__main__":
    one_thread()
    main()
