"""Hausdorff distance and HD95 of 64 pairs of masks beside SciPy, surface-distance and MONAI.

Ours measures HD and HD95 in pixels and in mm at one go, once with equal and once with unequal
spacing; each peer measures what its name says, in pixels.
"""

from __future__ import annotations

import time

import numpy as np
import torch
from monai.metrics import compute_hausdorff_distance
from scipy.ndimage import binary_erosion
from scipy.spatial.distance import directed_hausdorff
from surface_distance import compute_robust_hausdorff, compute_surface_distances

from benchmarks.blobs import BoolArray, blob_pairs
from benchmarks.timing import alternate, one_thread, ratios, show, write_results
from core.metrics.hausdorff import hausdorff

OURS = "ours: HD, HD95, px and mm, equal spacing"
REPEATS = 7


def scipy_hd(prediction: BoolArray, truth: BoolArray) -> float:
    """Take the larger of SciPy's two directed distances between eroded-away pixels."""
    a, b = (np.argwhere(mask & ~binary_erosion(mask)) for mask in (prediction, truth))
    return max(directed_hausdorff(a, b)[0], directed_hausdorff(b, a)[0])


def surface_hd(prediction: BoolArray, truth: BoolArray) -> list[float]:
    """Compute surface-distance's HD and HD95, which are between contour elements, not pixels."""
    surfaces = compute_surface_distances(truth, prediction, (1, 1))
    return [compute_robust_hausdorff(surfaces, percentile) for percentile in (100, 95)]


def monai_hd(batch: list[torch.Tensor], *percentiles: float | None) -> list[np.ndarray]:
    """Compute MONAI's distances: one call a percentile, None for HD itself."""
    return [
        compute_hausdorff_distance(*batch, include_background=True, percentile=percentile)
        .numpy()
        .ravel()
        for percentile in percentiles
    ]


def measure(size: tuple[int, int]) -> dict[str, object]:
    """Time all on 64 masks of one size, and compare their values."""
    predictions, truths = blob_pairs(64, size)
    pairs = list(zip(predictions, truths, strict=True))
    batch = [torch.from_numpy(np.stack(masks))[:, None] for masks in (predictions, truths)]
    seconds = alternate(
        {
            OURS: lambda: [hausdorff(p, t, (0.2, 0.2)) for p, t in pairs],
            "ours: the same, unequal spacing": lambda: [
                hausdorff(p, t, (0.2, 0.3)) for p, t in pairs
            ],
            "scipy directed_hausdorff: HD": lambda: [scipy_hd(p, t) for p, t in pairs],
            "surface-distance: HD, HD95": lambda: [surface_hd(p, t) for p, t in pairs],
            "MONAI: HD": lambda: monai_hd(batch, None),
            "MONAI: HD, HD95": lambda: monai_hd(batch, None, 95),
        },
        REPEATS,
        time.process_time,
    )
    show(f"64 masks of {size[0]} x {size[1]}, CPU seconds", seconds, OURS)
    ours = np.array([hausdorff(p, t)[:2] for p, t in pairs]).T
    monai = monai_hd(batch, None, 95)
    exact = np.array([scipy_hd(p, t) for p, t in pairs])
    differences = {
        "HD to scipy": float(np.abs(ours[0] - exact).max()),
        "HD to MONAI": float(np.abs(ours[0] - monai[0]).max()),
        "HD95 to MONAI": float(np.abs(ours[1] - monai[1]).max()),
    }
    return {
        "seconds": seconds,
        "times_ours": ratios(seconds, OURS),
        "largest_difference_px": differences,
    }


if __name__ == "__main__":
    one_thread()
    sizes = {"420x580": (420, 580), "256x1024": (256, 1024)}
    write_results("hausdorff", {name: measure(size) for name, size in sizes.items()})
