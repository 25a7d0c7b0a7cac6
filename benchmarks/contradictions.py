"""How many planted label errors are found, by signature and threshold, on simulated sweeps.

A planted error is an empty label on a frame where the nerve is visible. Recall is the share of them
that the search flags as the empty one of a pair; precision the share of flagged frames that are
planted errors. The other flagged ones lie where the nerve comes into view or leaves it: there the
labels of near-duplicates differ rightly.

Run: python -m benchmarks.contradictions
"""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.timing import write_results
from core.data import Contradictions, NervePhantom
from core.data.cache import CachedSource
from core.data.contradictions import left_out
from core.data.signatures import Signature

SETS = [{"seed": 11, "wrong_labels": 0.05}, {"seed": 12, "wrong_labels": 0.15},
        {"seed": 13, "wrong_labels": 0.3}]  # fmt: skip
THRESHOLDS: dict[Signature, tuple[float, ...]] = {
    "thumbnail": (0.001, 0.002, 0.003, 0.004, 0.006, 0.008, 0.012, 0.02),
    "strips": (0.0002, 0.0003, 0.0004, 0.0005, 0.0007, 0.001, 0.002, 0.005, 0.008),
}


def main() -> None:
    """Measure, print and keep the figures."""
    with TemporaryDirectory() as folder:
        sources = [
            CachedSource(NervePhantom(subjects=12, frames=120, **options), Path(folder))
            for options in SETS
        ]
        for source in sources:
            source.build()
        rows = [
            measure(sources, signature, threshold)
            for signature, thresholds in THRESHOLDS.items()
            for threshold in thresholds
        ]
    path = write_results("contradictions", {"sets": SETS, "rows": rows})
    print(f"written to {path}")


def measure(
    sources: list[CachedSource], signature: Signature, threshold: float
) -> dict[str, object]:
    """Return recall and precision on each set, and seconds for 1000 images."""
    search = Contradictions(signature=signature, threshold=threshold)
    scores, start = [], time.perf_counter()
    for source in sources:
        found = left_out(search.find(source), "empty")
        wrong = np.flatnonzero(source.table["label_wrong"])
        hits = len(np.intersect1d(found, wrong))
        scores.append((round(hits / len(wrong), 3), round(hits / max(len(found), 1), 3)))
    seconds = (time.perf_counter() - start) / sum(map(len, sources)) * 1000
    text = "  ".join(f"{recall:.2f} {precision:.2f}" for recall, precision in scores)
    print(f"{signature:<10} {threshold:<7} recall, precision: {text}   {seconds:.2f} s/1000 images")
    return {
        "signature": signature,
        "threshold": threshold,
        "recall_precision": scores,
        "seconds_per_1000_images": round(seconds, 3),
    }


if __name__ == "__main__":
    main()
