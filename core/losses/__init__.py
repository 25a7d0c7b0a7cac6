"""Losses, plain torch: `loss(output, mask)` with the network's raw output."""

from core.losses.dice import DiceLoss
from core.losses.presence import WithPresence

__all__ = ["DiceLoss", "WithPresence"]
