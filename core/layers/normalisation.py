"""Which normalisation follows a convolution, by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from torch import nn

from core.checks import require

Norm = Literal["batch", "instance", "none"]
"""Statistics of the batch, of each image's own maps (without learned scale), or no normalisation.

Instance normalisation takes away how strong a pattern is in an image: only its shape is left.
"""


def normalisation(norm: Norm, channels: int) -> nn.Module:
    """Return a fresh normalisation of features (B,channels,H,W); "none" leaves them as they are.

    Raises:
        InputError: For another name.
    """
    makers: dict[str, Callable[[int], nn.Module]] = {
        "batch": nn.BatchNorm2d,
        "instance": nn.InstanceNorm2d,
        "none": nn.Identity,
    }
    require(norm in makers, "norm", f"one of {', '.join(makers)}", norm)
    return makers[norm](channels)
