"""Which class each sample was given: the confusion matrix, and what is summed up from it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torchmetrics import Metric
from torchmetrics.utilities import dim_zero_cat

from core.checks import require
from core.metrics.auc import area_under_roc
from core.metrics.presence import mean

PROBABILITY: Final = "p/"
"""Before the name of a class: the column of its probability."""

Array = Tensor | NDArray[Any]
Integers = NDArray[np.int64]
FloatArray = NDArray[np.float64]


class ClassTable(Metric):
    """Keeps what a classifier said of each sample, and sums it up over the samples of all ranks.

    A sample counts once, by its index, however often it comes: copies that make ranks equal change
    nothing. Numbers are kept as their bits in integers, as in `ImageTable`.

    Args:
        classes: Names of the classes, in the order of the network's outputs.
    """

    full_state_update = False
    table: list[Tensor]  # rows of index, truth and the probabilities' bits; one tensor while synced
    vectors: list[Tensor]  # bits of the features, flat: a rank without samples knows no length

    def __init__(self, classes: Sequence[str]) -> None:
        super().__init__()
        require(len(set(classes)) == len(classes) > 1, "classes", "two different names or more")
        self.classes = tuple(classes)
        self.add_state("table", [], dist_reduce_fx="cat")
        self.add_state("vectors", [], dist_reduce_fx="cat")
        self.reset()

    def reset(self) -> None:
        """Empty the table, down to pieces of no rows: what a rank without samples can gather."""
        super().reset()
        columns = 2 + len(self.classes)
        self.table = [torch.empty(0, columns, dtype=torch.int64, device=self.device)]
        self.vectors = [torch.empty(0, dtype=torch.int32, device=self.device)]

    def update(
        self, probabilities: Array, truths: Array, index: Array, features: Tensor | None = None
    ) -> None:
        """Keep a batch.

        Args:
            probabilities: (B, K) floating point in 0..1.
            truths: (B,) integers, which class each sample is of.
            index: (B,) integers, each sample's row in the source's table.
            features: (B, F) floating point, what the network's last layer saw; with every batch or
                with none.

        Raises:
            InputError: If shapes differ, or a probability or a class is out of its range.
        """
        given, true, which = (torch.as_tensor(x) for x in (probabilities, truths, index))
        self._check(given, true, which)
        bits = given.detach().cpu().double().view(torch.int64)
        rows = torch.cat([which.cpu()[:, None], true.cpu()[:, None], bits], dim=1)
        self.table.append(rows.to(self.device))
        if features is not None:
            require(len(features) == len(rows), "features", f"{len(rows)} rows", features)
            flat = features.detach().float().reshape(-1)
            self.vectors.append(flat.view(torch.int32).to(self.device))

    def _check(self, given: Tensor, true: Tensor, which: Tensor) -> None:
        number = len(self.classes)
        expected = f"floating point, shape (B, {number})"
        is_table = given.is_floating_point() and given.shape == (len(given), number)
        require(is_table, "probabilities", expected, given)
        require(bool(((given >= 0) & (given <= 1)).all()), "probabilities", "values in 0..1", given)
        for name, values in (("truths", true), ("index", which)):
            fits = values.shape == (len(given),) and not values.is_floating_point()
            require(fits, name, f"integers, shape ({len(given)},)", values)
        require(bool(((true >= 0) & (true < number)).all()), "truths", f"0..{number - 1}", true)

    def compute(self) -> dict[str, Tensor]:
        """Sum up the samples of all ranks.

        Returns:
            Float32 scalars: `accuracy`; `precision`, `recall` and `auc`, means over classes; and
            `<class>/precision`, `<class>/recall` and `<class>/auc`. The means of precision and
            recall are over the classes that occur in the truth; a class that is never predicted has
            precision 0, and NaN where it does not occur either. The AUC of a class is that of
            telling it from all others by its own probability, NaN where the truth has no sample of
            the class or nothing else. All is NaN without samples.
        """
        _, truth, given = self._columns()
        counts = confusion(truth, given.argmax(axis=1), len(self.classes))
        areas = [_area(given[:, k], truth == k) for k in range(len(self.classes))]
        summary = _summary(self.classes, counts) | {"auc": mean(np.array(areas))}
        summary |= {f"{name}/auc": area for name, area in zip(self.classes, areas, strict=True)}
        return {
            name: torch.tensor(value, dtype=torch.float32, device=self.device)
            for name, value in summary.items()
        }

    def rows(self) -> dict[str, NDArray[Any]]:
        """Return the samples of all ranks by rising index; under DDP every rank calls this.

        Call it before the metric is reset; the state stays each rank's own.

        Returns:
            Arrays (N,) by column: `index`; `truth` and `predicted`, names, of equal probabilities
            the first class; `correct`, 0 or 1; `confidence`, the probability of the predicted
            class, 0..1; and `p/<class>`, in the order of the classes.
        """
        with self.sync_context(dist_sync_fn=self.dist_sync_fn):
            index, truth, given = self._columns()
        names, predicted = np.array(self.classes), given.argmax(axis=1)
        return {
            "index": index,
            "truth": names[truth],
            "predicted": names[predicted],
            "correct": (truth == predicted).astype(np.int64),
            "confidence": given.max(axis=1),
            **{f"{PROBABILITY}{name}": given[:, k] for k, name in enumerate(self.classes)},
        }

    def features(self) -> NDArray[np.float32]:
        """Return the features (N, F) of the rows, in their order; (N, 0) where none were given.

        Under DDP every rank calls this.
        """
        with self.sync_context(dist_sync_fn=self.dist_sync_fn):
            rows, flat = dim_zero_cat(self.table), dim_zero_cat(self.vectors)
        vectors = flat.cpu().view(torch.float32).numpy()
        _, first = np.unique(rows[:, 0].cpu().numpy(), return_index=True)
        return vectors.reshape(len(rows), -1 if len(rows) else 0)[first]

    def _columns(self) -> tuple[Integers, Integers, FloatArray]:
        """Return index, truth and probabilities of the samples held now, each once."""
        table = dim_zero_cat(self.table).cpu()
        _, first = np.unique(table[:, 0].numpy(), return_index=True)
        kept = table[first]
        return kept[:, 0].numpy(), kept[:, 1].numpy(), kept[:, 2:].view(torch.float64).numpy()


def confusion(truth: Integers, predicted: Integers, classes: int) -> Integers:
    """Count which class is taken for which.

    Args:
        truth: (N,), 0 to `classes` - 1.
        predicted: (N,), the same.
        classes: How many there are.

    Returns:
        (classes, classes): rows are the expected class, columns the predicted one.
    """
    counts = np.bincount(truth * classes + predicted, minlength=classes**2)
    return counts.reshape(classes, classes).astype(np.int64)


def _summary(classes: Sequence[str], counts: Integers) -> dict[str, float]:
    """Return accuracy, and precision and recall of each class and their means."""
    right, true, predicted = np.diag(counts), counts.sum(axis=1), counts.sum(axis=0)
    with np.errstate(invalid="ignore"):  # 0 / 0 is NaN: undefined
        recall, accuracy = right / true, np.divide(right.sum(), counts.sum())
        precision = np.where(true > 0, right / np.maximum(predicted, 1), right / predicted)
    summary = {"accuracy": float(accuracy)}
    for name, values in (("precision", precision), ("recall", recall)):
        summary[name] = mean(values[true > 0])
        summary |= {f"{of}/{name}": float(v) for of, v in zip(classes, values, strict=True)}
    return summary


def _area(scores: FloatArray, positive: NDArray[np.bool_]) -> float:
    """Return the exact area under the ROC curve of scores (N,); NaN where one kind is missing."""
    values, place = np.unique(scores, return_inverse=True)
    counts = [np.bincount(place[kind], minlength=len(values)) for kind in (~positive, positive)]
    return area_under_roc(np.array(counts))
