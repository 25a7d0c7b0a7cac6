"""A training step on the CPU with and without freed memory kept by the process.

Each figure is from a process of its own, for what malloc has been told cannot be taken back.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

import torch

from benchmarks.timing import write_results
from core.cli.memory import keep_freed_memory
from core.networks import MadaniCNN

ROUNDS, STEPS = 3, 4


def step_seconds(keep: bool) -> float:
    """Return the mean time of a step of the default run of echo_views."""
    if keep:
        keep_freed_memory()
    torch.manual_seed(0)
    network = MadaniCNN().train()
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    image, label = torch.rand(64, 1, 60, 80), torch.randint(0, 8, (64,))
    for number in range(2 + STEPS):
        if number == 2:
            started = time.perf_counter()
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(network(image), label).backward()
        optimizer.step()
    return (time.perf_counter() - started) / STEPS


def in_own_process(keep: bool) -> float:
    """Return what `step_seconds` gives in a fresh process."""
    command = [sys.executable, "-m", __spec__.name, "kept" if keep else "returned"]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def main() -> None:
    """Take turns, so that a busy machine slows both alike."""
    seconds: dict[str, list[float]] = {"returned": [], "kept": []}
    for _ in range(ROUNDS):
        for name, times in seconds.items():
            times.append(in_own_process(name == "kept"))
    medians = {name: statistics.median(times) for name, times in seconds.items()}
    for name, value in medians.items():
        print(f"freed memory {name}: {1000 * value:.0f} ms a step")
    write_results("freed_memory", {"ms_per_step": {k: 1000 * v for k, v in medians.items()}})


if __name__ == "__main__":
    if sys.argv[1:]:
        print(step_seconds(sys.argv[1] == "kept"))
    else:
        main()
