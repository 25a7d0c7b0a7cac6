"""Whether pairs of annotated images are made as fast as the training consumes them.

One training sample is a clean image from the cache, annotations drawn on it twice, and four
tensors; a training step is that of the paper's U-Net (700,611 parameters) under L1 and RMSprop,
batch 4. Both on one thread of this machine. For a GPU the step's floor is told as well: the
operations of its convolutions, forward and backward as torch counts them, at the published peak in
float32.

Run `OMP_NUM_THREADS=1 python -m benchmarks.removal_feed` from the repository's root.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

import torch
from torch.nn.functional import l1_loss
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.timing import alternate, one_thread, show, write_results
from core.data import HoldoutSplit, NervePhantom
from core.data.annotated import AnnotatedData
from core.data.loader import SampleKey
from core.networks import Noise2NoiseUNet

SIDES, SAMPLES, BATCH = (128, 512), 64, 4
GPUS_TFLOPS = {"RTX 2080 Ti": 13.4, "H200": 67.0}


def samples(side: int, cache: Path) -> Callable[[], None]:
    """Return what makes `SAMPLES` training samples of side x side."""
    data = AnnotatedData(
        source=NervePhantom(subjects=8, frames=2, seed=0),
        split=HoldoutSplit(),
        size=(side, side),
        batch_size=BATCH,
        annotate=["body_marker", "radial_line", "flow_box"],
        cache_dir=cache,
    )
    data.prepare_data()
    dataset, epochs = data.training_set(), count()

    def run() -> None:
        for number in range(SAMPLES):
            dataset[SampleKey(number % len(dataset), next(epochs), is_padding=False)]

    return run


def step(side: int) -> Callable[[], None]:
    """Return what takes a training step on a batch of side x side."""
    network = Noise2NoiseUNet()
    optimizer = torch.optim.RMSprop(network.parameters(), lr=1e-5, momentum=0.9)
    image, target = torch.rand(2, BATCH, 3, side, side, generator=torch.Generator().manual_seed(0))

    def run() -> None:
        optimizer.zero_grad()
        l1_loss(network(image), target).backward()
        optimizer.step()

    return run


def main() -> None:
    """Measure, print, write."""
    one_thread()
    figures: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as cache:
        for side in SIDES:
            train = step(side)
            with FlopCounterMode(display=False) as counter:
                train()
            ways = {"samples": samples(side, Path(cache)), "step": train}
            seconds = alternate(ways, 5 if side < 512 else 1, time.process_time)
            each = {"sample": seconds["samples"] / SAMPLES, "image trained on": seconds["step"] / 4}
            show(f"{side} x {side}, CPU time of one thread", each, "sample")
            operations = counter.get_total_flops() / BATCH
            figures[f"{side} x {side}"] = {
                "samples_per_second": round(1 / each["sample"]),
                "images_trained_per_second": round(1 / each["image trained on"], 2),
                "gflop_per_image": round(operations / 1e9, 2),
                "images_per_second_at_most": {
                    name: round(1e12 * peak / operations) for name, peak in GPUS_TFLOPS.items()
                },
            }
    print(write_results("removal_feed", figures))


if __name__ == "__main__":
    main()
