"""Pixel ROC AUC of 33 images beside torchmetrics (exact and binned) and scikit-learn."""

from __future__ import annotations

import time

import numpy as np
import torch
from scipy.special import expit
from sklearn.metrics import roc_auc_score
from torchmetrics.classification import BinaryAUROC

from benchmarks.blobs import blob_pairs
from benchmarks.timing import alternate, one_thread, ratios, show, write_results
from core.metrics.auc import PixelAUC

OURS = "ours: PixelAUC"
IMAGES, SIZE, REPEATS = 33, (442, 565), 5


def scored_images() -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return what a fair network would answer: probabilities float32 and the truths."""
    predictions, truths = blob_pairs(IMAGES, SIZE)
    rng = np.random.default_rng(0)
    logits = [6.0 * mask - 4 + rng.normal(0, 2, SIZE) for mask in predictions]
    return [expit(image).astype(np.float32) for image in logits], truths


def main() -> None:
    """Time all on the same images, fed one by one, and compare their values."""
    scores, truths = scored_images()
    images = [
        (torch.from_numpy(s), torch.from_numpy(t)) for s, t in zip(scores, truths, strict=True)
    ]

    def feed(metric: torch.nn.Module) -> float:
        for image in images:
            metric.update(*image)
        return float(metric.compute())

    calls = {
        OURS: lambda: feed(PixelAUC()),
        "torchmetrics: BinaryAUROC, exact": lambda: feed(BinaryAUROC(validate_args=False)),
        "torchmetrics: BinaryAUROC, 200 bins": lambda: feed(BinaryAUROC(thresholds=200)),
        "sklearn: roc_auc_score": lambda: roc_auc_score(np.ravel(truths), np.ravel(scores)),
    }
    seconds = alternate(calls, REPEATS, time.process_time)
    exact = roc_auc_score(np.ravel(truths), np.ravel(scores).astype(np.float64))
    show(f"{IMAGES} images of {SIZE[0]} x {SIZE[1]}, CPU seconds", seconds, OURS)
    figures = {
        "seconds": seconds,
        "times_ours": ratios(seconds, OURS),
        "difference_to_sklearn": {name: abs(call() - exact) for name, call in calls.items()},
    }
    write_results("auc", figures)


if __name__ == "__main__":
    one_thread()
    main()
