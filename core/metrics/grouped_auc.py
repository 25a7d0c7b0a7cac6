"""One pixel-wise ROC for each group of images and each structure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import torch
import torch.distributed
from numpy.typing import NDArray

from core.metrics.auc import FloatArray, PixelAUC

Array = NDArray[Any]


ALL = "all"
"""The group of all images."""


class Key(NamedTuple):
    """Which pixels a curve is over."""

    structure: str
    group: str = ALL


class Curve(NamedTuple):
    """A ROC curve for plotting, and the exact area under it."""

    fpr: FloatArray
    tpr: FloatArray
    auc: float


class GroupedAUC:
    """Pixel-wise ROC curves of each structure: over all images, and over each group that turns up.

    Ranks need not have seen the same groups: before anything is computed they tell each other.
    """

    def __init__(self) -> None:
        self._metrics: dict[Key, PixelAUC] = {}

    def reset(self) -> None:
        """Forget everything seen."""
        self._metrics.clear()

    def update(self, structure: str, group: str | None, scores: Array, truth: Array) -> None:
        """Count the pixels of one image; scores and truth as `PixelAUC` takes them."""
        for key in {Key(structure), Key(structure, group or ALL)}:
            self._metric(key).update(scores, truth)

    def curves(self) -> dict[Key, Curve]:
        """Return each curve over all ranks, by rising key; every rank has to call this."""
        keys = sorted(_of_all_ranks(self._metrics))
        return {key: self._curve(self._metric(key)) for key in keys}

    def areas(self) -> dict[str, float]:
        """Return each structure's area under the curve over all images; every rank calls this."""
        curves = self.curves().items()
        return {key.structure: curve.auc for key, curve in curves if key.group == ALL}

    def _metric(self, key: Key) -> PixelAUC:
        if key not in self._metrics:
            device = torch.device("cuda") if _on_gpus() else torch.device("cpu")
            self._metrics[key] = PixelAUC().to(device)
        return self._metrics[key]

    @staticmethod
    def _curve(metric: PixelAUC) -> Curve:
        return Curve(*metric.curve(), float(metric.compute()))


def _on_gpus() -> bool:
    """Whether the ranks talk to each other through their GPUs alone."""
    ready = torch.distributed.is_available() and torch.distributed.is_initialized()
    return ready and torch.distributed.get_backend() == "nccl"


def _of_all_ranks(keys: Iterable[Key]) -> set[Key]:
    """Return the keys that any rank has."""
    if not (torch.distributed.is_available() and torch.distributed.is_initialized()):
        return set(keys)
    of_ranks: list[Any] = [None] * torch.distributed.get_world_size()
    torch.distributed.all_gather_object(of_ranks, list(keys))
    return {key for keys in of_ranks for key in keys}
