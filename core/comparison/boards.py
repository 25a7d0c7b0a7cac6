"""Methods whose numbers may stand in one column, the best first, and what images they share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from string import ascii_uppercase
from typing import Final

from core.comparison.methods import Method
from core.reports.numbers import MASKS, Spec

_OF_MASKS: Final = (
    *("dice", "iou", "precision", "recall", "hd95_mm", "hd95_px", "auc"),
    *("zero_overlap_rate", "psnr_gain", "angle_error_deg"),
)
COLUMNS: Final = {
    "test/psnr_hvs_m": (
        Spec("test/psnr_hvs_m", "PSNR-HVS-M", 2, "dB"),
        Spec("test/psnr_hvs_m_gain", "Gain over the input", 2, "dB"),
        Spec("test/ssim", "SSIM", 3),
        MASKS["test/dice"],
        MASKS["test/iou"],
    ),
    "test/dice": tuple(MASKS[f"test/{name}"] for name in _OF_MASKS),
    "test/accuracy": (
        Spec("test/accuracy", "Accuracy", 1, "%"),
        Spec("test/sequence_accuracy", "Sequence accuracy", 1, "%"),
        Spec("test/precision", "Precision", 1, "%"),
        Spec("test/recall", "Recall", 1, "%"),
        Spec("test/auc", "AUC", 4),
    ),
}
"""By the metric that ranks, the higher the better: the first one that a run has."""


@dataclass(frozen=True, kw_only=True)
class Board:
    """Methods that are ranked by one metric, all on simulated images or all on real ones.

    Attributes:
        ranked_by: The metric.
        simulated: Whether the images come from a simulator.
        methods: The best first.
    """

    ranked_by: Spec
    simulated: bool
    methods: list[Method]

    @property
    def title(self) -> str:
        """What is ranked, and on what images."""
        return f"{self.ranked_by.label} on {'simulated' if self.simulated else 'real'} images"

    @cached_property
    def test_sets(self) -> dict[str, Method]:
        """By letter the first method that was tested on these very images."""
        known: dict[frozenset[tuple[str, str]], Method] = {}
        for method in self.methods:
            known.setdefault(_test_set(method), method)
        return {_letters(number): method for number, method in enumerate(known.values())}

    def letter(self, method: Method) -> str:
        """Return which images a method was tested on."""
        own = _test_set(method)
        return next(name for name, of in self.test_sets.items() if _test_set(of) == own)


def make_boards(methods: Sequence[Method]) -> list[Board]:
    """Put each method into a leaderboard, the largest first."""
    parts: dict[tuple[str, bool], list[Method]] = {}
    for method in methods:
        parts.setdefault((_headline(method), method.simulated), []).append(method)
    boards = [
        Board(
            ranked_by=COLUMNS[metric][0],
            simulated=simulated,
            methods=sorted(own, key=lambda method: _rank(method, metric)),
        )
        for (metric, simulated), own in parts.items()
    ]
    return sorted(boards, key=lambda board: -len(board.methods))


def common_images(first: Method, second: Method) -> list[str]:
    """Return the ids of the test images that two methods have in common.

    An image is the same where id and digest of its pixels are. Where methods look at one source on
    different grids, digests may be those of the grids' pixels: then the id alone decides.
    """
    ids = [name for name in first.images if name in second.images]
    if _same_source_on_other_grids(first, second):
        return ids
    return [name for name in ids if first.images[name] == second.images[name]]


def _same_source_on_other_grids(first: Method, second: Method) -> bool:
    sources, grids = (
        [
            [(k, repr(v)) for k, v in of.settings.items() if k.startswith(keys)]
            for of in (first, second)
        ]
        for keys in (
            ("data.source", "data.annotate"),
            ("data.size", "data.keep_aspect", "data.shrink"),
        )
    )
    return sources[0] == sources[1] and grids[0] != grids[1]


def _headline(method: Method) -> str:
    """Return the metric that a method is ranked by; Dice for one that has none of them."""
    known = (metric for metric in COLUMNS if method.values(metric).notna().any())
    return next(known, "test/dice")


def _rank(method: Method, metric: str) -> float:
    mean = method.values(metric).mean()
    return math.inf if math.isnan(mean) else -mean


def _test_set(method: Method) -> frozenset[tuple[str, str]]:
    return frozenset(method.images.items())


def _letters(number: int) -> str:
    """Return A, B, ... Z, AA, AB..."""
    more, last = divmod(number, len(ascii_uppercase))
    return (_letters(more - 1) if more else "") + ascii_uppercase[last]
