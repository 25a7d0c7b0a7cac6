"""Weights of classes that are not equally frequent."""

from __future__ import annotations

import torch
from torch import Tensor

from core.checks import require


def balanced_weights(counts: Tensor) -> Tensor:
    """Return weights by which every class counts as much: n / (K n_k).

    They are the "balanced" ones of scikit-learn, after King and Zeng, Logistic Regression in Rare
    Events Data (2001); the mean weight of the samples is 1 where all classes have some.

    Args:
        counts: (K,) number n_k of samples of each class; n of all.

    Returns:
        (K,) float32; 0 for a class without samples.

    Raises:
        InputError: If a number is negative, or there are no samples.
    """
    good = counts.dim() == 1 and bool((counts >= 0).all()) and bool(counts.any())
    require(good, "counts", "the samples of each class, of one at least some", counts)
    balanced = counts.sum() / (len(counts) * counts.double())
    return torch.where(counts > 0, balanced, 0.0).float()
