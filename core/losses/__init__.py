"""Losses, plain torch: `loss(output, mask)` with the network's raw output."""

from core.losses.class_weights import balanced_weights
from core.losses.cross_entropy import PixelCrossEntropy
from core.losses.deep_supervision import DeepSupervision
from core.losses.dice import DiceLoss
from core.losses.ellipse import WithEllipse
from core.losses.gan import BinaryCrossEntropy, GanLoss, LeastSquares
from core.losses.presence import WithPresence
from core.losses.sum import Sum
from core.losses.total_variation import TotalVariation, WithTotalVariation

__all__ = [
    "BinaryCrossEntropy",
    "DeepSupervision",
    "DiceLoss",
    "GanLoss",
    "LeastSquares",
    "PixelCrossEntropy",
    "Sum",
    "TotalVariation",
    "WithEllipse",
    "WithPresence",
    "WithTotalVariation",
    "balanced_weights",
]
