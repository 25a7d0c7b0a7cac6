"""What every benchmark shares: fair timing, a printed table, a results file with its origin.

Run a benchmark from the repository's root, for example `python -m benchmarks.hausdorff`.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import time
from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median

RESULTS = Path(__file__).parent / "results"
PACKAGES = (
    "numpy", "scipy", "opencv-python-headless", "torch", "torchvision", "lightning", "torchmetrics",
    "albumentations", "segmentation-models-pytorch", "monai", "surface-distance", "scikit-learn",
    "pandas", "pillow", "pydicom",
)  # fmt: skip


def one_thread() -> None:
    """Hold NumPy's, torch's and OpenCV's pools to one thread, so that algorithms are compared."""
    import cv2
    import torch
    from threadpoolctl import threadpool_limits

    threadpool_limits(1)
    torch.set_num_threads(1)
    cv2.setNumThreads(1)


def alternate(
    callables: Mapping[str, Callable[[], object]],
    repeats: int,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, float]:
    """Time callables in turn, round after round, so that a busy machine slows all alike.

    Args:
        callables: What to time, by name; each is called once beforehand to warm up.
        repeats: Rounds that are timed.
        clock: Seconds so far; `time.process_time` counts CPU time only, for single-process work on
            a machine shared with others.

    Returns:
        Median seconds of one call, by name.
    """
    for call in callables.values():
        call()
    seconds: dict[str, list[float]] = {name: [] for name in callables}
    for _ in range(repeats):
        for name, call in callables.items():
            start = clock()
            call()
            seconds[name].append(clock() - start)
    return {name: median(times) for name, times in seconds.items()}


def ratios(seconds: Mapping[str, float], ours: str) -> dict[str, float]:
    """Return how many times longer each of the others takes than ours."""
    return {name: round(s / seconds[ours], 2) for name, s in seconds.items() if name != ours}


def show(title: str, seconds: Mapping[str, float], ours: str) -> None:
    """Print one line a callable: its milliseconds and how many times ours it takes."""
    print(title)
    for name, s in seconds.items():
        print(f"  {name:<42}{s * 1000:>12.2f} ms{s / seconds[ours]:>10.2f} x")


def write_results(name: str, figures: Mapping[str, object]) -> Path:
    """Write the figures to results/<name>.json together with machine, versions and command.

    Args:
        name: Name of the benchmark.
        figures: What was measured; anything JSON can hold.

    Returns:
        The file that was written.
    """
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    record = {
        "command": " ".join(["python", *sys.orig_argv[1:]]),
        "machine": _machine(),
        "versions": _versions(),
        "figures": dict(figures),
    }
    path.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    return path


def _machine() -> dict[str, object]:
    """Return processor, cores and system of this machine."""
    return {"processor": _processor(), "cores": os.cpu_count(), "system": platform.platform()}


def _processor() -> str:
    """Return the processor's model name, which Linux keeps in /proc rather than in `platform`."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def _versions() -> dict[str, str]:
    """Return Python's version and those of the packages that are installed here."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
