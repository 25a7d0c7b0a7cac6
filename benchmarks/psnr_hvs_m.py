"""PSNR-HVS-M of images of 512 x 512, alone and in a batch of 8, beside SSIM and beside loops.

    OMP_NUM_THREADS=1 python -m benchmarks.psnr_hvs_m

Times are for one image on one thread. torchmetrics' SSIM is another measure: it stands for what a
measure of likeness usually costs. The loops are the method as its authors write it. The floor
counts the arithmetic of the two products with the blocks, 4 x 64 x 128 multiplications and
additions for 64 pixels, and both images read once.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor
from torchmetrics.functional.image import structural_similarity_index_measure

from benchmarks.timing import alternate, one_thread, ratios, show, write_results
from core.metrics import psnr_hvs_m
from tests.core.metrics.hvs_pairs import by_loops, noise, smooth

SIZE, BATCH = (512, 512), 8
OURS = "ours, float32, batch 8"
LOOPS = "loops over blocks and coefficients, float64"
REPEATS = 9
TYPES = (torch.float32, torch.float64)


def images() -> tuple[np.ndarray, np.ndarray]:
    """A textured image and the same with noise, levels 0..255 uint8."""
    clean = smooth(SIZE)
    noisy = clean.astype(np.int64) + noise(SIZE, 31) - 15
    return np.clip(noisy, 0, 255).astype(np.uint8), clean


def pair(count: int, dtype: torch.dtype) -> list[Tensor]:
    """Both images `count` times, (count, 1, h, w) in 0..1."""
    return [torch.from_numpy(of).to(dtype).expand(count, 1, -1, -1) / 255 for of in images()]


def calls() -> tuple[dict[str, Callable[[], Tensor]], dict[str, int]]:
    """What is timed, and how many images each call takes."""
    found: dict[str, Callable[[], Tensor]] = {}
    counts = {}
    for count in (BATCH, 1):
        for dtype in TYPES:
            given, of = pair(count, dtype), f"{str(dtype)[6:]}, batch {count}"
            found[f"ours, {of}"] = lambda given=given: psnr_hvs_m(*given)
            found[f"torchmetrics SSIM, {of}"] = lambda given=given: (
                structural_similarity_index_measure(*given, data_range=1.0, reduction="none")
            )
            counts |= {f"ours, {of}": count, f"torchmetrics SSIM, {of}": count}
    return found, counts


def floor() -> dict[str, float]:
    """Operations and bytes that one image takes at least, and what this machine multiplies."""
    pixels = SIZE[0] * SIZE[1]
    one, other = torch.rand(pixels // 64, 64), torch.rand(64, 128)
    product = alternate({"": lambda: one @ other}, 15, time.process_time)[""]
    return {
        "operations": 4 * 128 * pixels,
        "bytes_float32": 2 * 4 * pixels,
        "seconds_of_the_two_products": 2 * product,
    }


def measure() -> dict[str, object]:
    """Time all in turn, and compare the values."""
    timed, counts = calls()
    seconds = alternate(timed, REPEATS, time.process_time)
    seconds = {name: s / counts[name] for name, s in seconds.items()}
    start = time.process_time()
    by_hand = by_loops(*images())
    seconds[LOOPS] = time.process_time() - start  # once: it takes seconds
    show(f"{SIZE[0]} x {SIZE[1]}, CPU time an image", seconds, OURS)
    off = {of: float(psnr_hvs_m(*pair(1, of)).double() - by_hand) for of in TYPES}
    return {
        "seconds": seconds,
        "times_ours": ratios(seconds, OURS),
        "db_off_the_loops": {str(of)[6:]: abs(value) for of, value in off.items()},
        "floor": floor(),
    }


if __name__ == "__main__":
    one_thread()
    write_results("psnr_hvs_m", {f"{SIZE[0]}x{SIZE[1]}": measure()})
