"""Several losses of one output and target, added."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn

from core.checks import require


class Sum(nn.Module):
    """The plain sum of losses, each with weight 1.

    Terms keep the scale they come with: of `L1Loss()` and `MSELoss(reduction="sum")`, the sum over
    all values of a batch outweighs the mean by far.

    Args:
        terms: Losses `term(output, target)`, each a scalar.

    Raises:
        InputError: If there is none.
    """

    def __init__(self, terms: Sequence[nn.Module]) -> None:
        super().__init__()
        require(len(terms) > 0, "terms", "at least one loss", terms)
        self.terms = nn.ModuleList(terms)

    def forward(self, output: Any, target: Tensor) -> Tensor:
        """Return the loss, a scalar.

        Args:
            output: Whatever all terms take, such as images (B,C,h,w).
            target: Likewise.
        """
        first, *others = (term(output, target) for term in self.terms)
        loss: Tensor = sum(others, start=first)
        return loss
