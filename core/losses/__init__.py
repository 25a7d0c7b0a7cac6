"""Losses, plain torch: `loss(output, mask)` with the network's raw output."""

from core.losses.deep_supervision import DeepSupervision
from core.losses.dice import DiceLoss
from core.losses.ellipse import WithEllipse
from core.losses.presence import WithPresence

__all__ = ["DeepSupervision", "DiceLoss", "WithEllipse", "WithPresence"]
