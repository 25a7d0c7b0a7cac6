"""A row of scores an image and structure: what summary, per-image file and statistics rest on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torchmetrics import Metric
from torchmetrics.utilities import dim_zero_cat

from core.checks import require
from core.metrics.form import UNKNOWN, Form, form
from core.metrics.hausdorff import UNDEFINED, OutlineDistance, hausdorff
from core.metrics.masks import Mask
from core.metrics.overlap import Overlap, overlap
from core.metrics.presence import mean, outcomes, presence_rates

DISTANCES = OutlineDistance._fields
COLUMNS = ("index", "structure", *Overlap._fields, *DISTANCES, *Form._fields)
RATIOS = ("iou", "precision", "recall", "accuracy")
MEASURED = (*DISTANCES, "prediction_ellipticity")
"""What takes longer than counting pixels, and is left out where it is not wanted."""
WHOLE = ("index", "truth_px", "prediction_px")
Columns = dict[str, NDArray[Any]]
FloatArray = NDArray[np.float64]
Array = Tensor | NDArray[Any]


class ImageTable(Metric):
    """Scores segmentations image by image, and sums them up over the images of all ranks.

    A row is float64 numbers, kept as their bits in int64: no precision setting of a
    trainer converts integers, and they live on every device (MPS has no float64, and NCCL gathers
    only what lies on the GPU).

    Args:
        structures: Names of the structures; the mask value of the first one is 1. With a single
            one, whatever is not 0 belongs to it.
        distances: Whether to measure Hausdorff distances and form; without them their columns are
            NaN and the summary leaves them out.
    """

    full_state_update = False
    table: list[Tensor]  # one tensor while synced

    def __init__(
        self, *, structures: Sequence[str] = ("structure",), distances: bool = True
    ) -> None:
        super().__init__()
        require(len(structures) > 0, "structures", "at least one name", structures)
        self.structures, self.distances = tuple(structures), distances
        self.add_state("table", [], dist_reduce_fx="cat")
        self.reset()

    def reset(self) -> None:
        """Empty the table, down to a piece of no rows: what a rank without images can gather."""
        super().reset()
        self.table = [torch.empty(0, len(COLUMNS), dtype=torch.int64, device=self.device)]

    def update(
        self, predictions: Sequence[Mask], truths: Sequence[Mask], spacing_mm: Array, indices: Array
    ) -> None:
        """Score N images, each on its own grid; copies that pad a batch are left out by the caller.

        Args:
            predictions: N masks (H, W), bool or uint8, 0 = background.
            truths: N masks, each of its prediction's shape.
            spacing_mm: Distance between rows and between columns in mm (N, 2); NaN where unknown.
            indices: Which image each is (N,), its row in the source's table.

        Raises:
            InputError: If the numbers of images differ, or an image cannot be scored.
        """
        spacing, index = _numpy(spacing_mm), _numpy(indices)
        counts = (len(predictions), len(truths), len(spacing), len(index))
        require(len(set(counts)) == 1, "update", "as many of each argument", str(counts))
        images = list(zip(index, predictions, truths, spacing, strict=True))
        rows = [self._row(number, *image) for image in images for number in self._numbers()]
        table = np.array(rows).reshape(-1, len(COLUMNS))
        self.table.append(torch.from_numpy(table).view(torch.int64).to(self.device))

    def _numbers(self) -> range:
        return range(len(self.structures))

    def _row(
        self, number: int, index: int, prediction: Mask, truth: Mask, spacing: FloatArray
    ) -> list[float]:
        """Score a structure of an image: its values in the order of `COLUMNS`."""
        if len(self.structures) > 1:
            prediction, truth = prediction == number + 1, truth == number + 1
        row = [index, number, *overlap(prediction, truth)]
        if not self.distances:
            return [*row, *UNDEFINED, *UNKNOWN]
        return [*row, *hausdorff(prediction, truth, spacing), *form(prediction, truth)]

    def compute(self) -> dict[str, Tensor]:
        """Sum up the images of all ranks.

        Returns:
            Float32 scalars by name: means over the images for which a value is defined, NaN where
            there is none; `images` and `hd_undefined` (images with an empty mask) are counts. What
            the rates mean is said in `presence_rates`. With several structures the same for each as
            `structure/name`, and under the plain names over all pairs of image and structure.
        """
        columns = self._columns()
        summary = self._summary(columns) | {"images": len(np.unique(columns["index"]))}
        if len(self.structures) > 1:
            for number, name in enumerate(self.structures):
                own = {key: of[columns["structure"] == number] for key, of in columns.items()}
                values = self._summary(own)
                summary |= {f"{name}/{metric}": value for metric, value in values.items()}
        return {
            name: torch.tensor(value, dtype=torch.float32, device=self.device)
            for name, value in summary.items()
        }

    def _summary(self, columns: Columns) -> dict[str, float]:
        """Sum up rows of one structure or of all."""
        presence = [columns[name] for name in ("truth_px", "prediction_px", "dice")]
        names = (*RATIOS, *(MEASURED if self.distances else ()))
        summary = presence_rates(*presence) | {name: mean(columns[name]) for name in names}
        if self.distances:
            summary["hd_undefined"] = float(np.isnan(columns["hd_px"]).sum())
        return summary

    def rows(self) -> Columns:
        """Return the rows of all ranks, by image and structure; under DDP every rank calls this.

        Call it before the metric is reset; the state stays each rank's own.

        Returns:
            Arrays (N,) by column: `COLUMNS`, where `structure` is its name, and `outcome` (TP, FN,
            FP or TN).
        """
        with self.sync_context(dist_sync_fn=self.dist_sync_fn):
            columns = self._columns()
        order = np.lexsort((columns["structure"], columns["index"]))
        rows = {
            name: values[order].astype(np.int64) if name in WHOLE else values[order]
            for name, values in columns.items()
        }
        names = np.array(self.structures)[rows["structure"].astype(np.int64)]
        found = outcomes(rows["truth_px"], rows["prediction_px"])
        return rows | {"structure": names, "outcome": found}

    def _columns(self) -> Columns:
        """Return the columns (N,) of the rows held now: this rank's, or all when synced."""
        table = dim_zero_cat(self.table).cpu().view(torch.float64).numpy()
        return dict(zip(COLUMNS, table.T, strict=True))


def _numpy(values: Array) -> NDArray[Any]:
    """Return an array or tensor of any device as an array."""
    return torch.as_tensor(values).cpu().numpy()
