"""Blind-spot learning: predict pixels of a noisy image that are not shown."""

from __future__ import annotations

from typing import Any, Literal

from torch import Tensor, nn

from core.checks import require
from core.restoration.hiding import Hiding


class BlindSpot(nn.Module):
    """The loss of Noise2Void and Noise2Self: hidden pixels, predicted from those around them.

    Noise that a pixel does not share with its neighbours cannot be predicted and is averaged away.
    Structured noise is shared along the scan line, so it stays: what the paper's Table 1 shows.

    Args:
        hide: Which pixels are hidden, and how: `RandomNeighbours` (Noise2Void) or `GridPhases`
            (Noise2Self).
        error: "squared" or "absolute" difference.

    Raises:
        InputError: For another error.
    """

    def __init__(self, *, hide: Hiding, error: Literal["squared", "absolute"] = "squared") -> None:
        super().__init__()
        require(error in ("squared", "absolute"), "error", "'squared' or 'absolute'", error)
        self.hide, self.error = hide, error

    def forward(self, network: Any, batch: dict[str, Any]) -> Tensor:
        """Return the mean error of `network.restore` over the hidden pixels of `image`, a scalar.

        Args:
            network: Its `restore` takes and gives images (B,1,h,w).
            batch: `image` (B,1,h,w) in 0..1.
        """
        image: Tensor = batch["image"]
        shown, hidden = self.hide(image)
        off = (network.restore(shown) - image).float() * hidden
        summed: Tensor = off.square().sum() if self.error == "squared" else off.abs().sum()
        return summed / hidden.sum()
