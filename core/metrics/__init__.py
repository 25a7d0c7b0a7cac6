"""Scores of segmentations and restorations: one function an idea, classes that keep state."""

from core.metrics.auc import PixelAUC
from core.metrics.convergence import epochs_to_converge
from core.metrics.grouped_auc import GroupedAUC
from core.metrics.image_table import ImageTable
from core.metrics.psnr_hvs_m import luma, psnr_hvs_m

__all__ = [
    "GroupedAUC",
    "ImageTable",
    "PixelAUC",
    "epochs_to_converge",
    "luma",
    "psnr_hvs_m",
]
