"""Per-image Dice, IoU, precision and recall of 64 masks beside smp, torchmetrics and MONAI.

Ours computes all four; each peer computes Dice, from tensors of the type that it asks for.
"""

from __future__ import annotations

import time

import numpy as np
import torch
from monai.metrics import DiceMetric
from segmentation_models_pytorch.metrics import f1_score, get_stats
from torchmetrics.functional.segmentation import dice_score

from benchmarks.blobs import blob_pairs
from benchmarks.timing import alternate, one_thread, ratios, show, write_results
from core.metrics.overlap import overlap

OURS = "ours: Dice, IoU, precision, recall"
REPEATS = 9
SAMPLEWISE = {
    "num_classes": 1,
    "input_format": "one-hot",
    "average": "micro",
    "aggregation_level": "samplewise",
}


def measure(size: tuple[int, int]) -> dict[str, object]:
    """Time all on 64 masks of one size, and compare their values."""
    predictions, truths = blob_pairs(64, size)
    whole = [torch.from_numpy(np.stack(masks))[:, None] for masks in (predictions, truths)]
    integers, floats = [m.long() for m in whole], [m.float() for m in whole]
    monai = DiceMetric(include_background=True, reduction="none")
    calls = {
        OURS: lambda: [overlap(p, t).dice for p, t in zip(predictions, truths, strict=True)],
        "smp: get_stats, f1_score": lambda: f1_score(*get_stats(*integers, mode="binary")),
        "torchmetrics: dice_score": lambda: dice_score(*integers, **SAMPLEWISE),
        "MONAI: DiceMetric": lambda: monai(*floats),
    }
    seconds = alternate(calls, REPEATS, time.process_time)
    show(f"64 masks of {size[0]} x {size[1]}, CPU seconds", seconds, OURS)
    ours, *others = (np.asarray(call()).ravel() for call in calls.values())
    differences = [float(np.abs(ours - other).max()) for other in others]
    return {
        "seconds": seconds,
        "times_ours": ratios(seconds, OURS),
        "largest_difference": dict(zip(list(calls)[1:], differences, strict=True)),
    }


if __name__ == "__main__":
    one_thread()
    write_results("dice", {"420x580": measure((420, 580))})
