"""Scores of segmentations, restorations and classes: functions, and classes that keep state."""

from core.metrics.auc import PixelAUC
from core.metrics.classification import ClassTable, confusion
from core.metrics.convergence import epochs_to_converge
from core.metrics.grouped_auc import GroupedAUC
from core.metrics.image_table import ImageTable
from core.metrics.psnr_hvs_m import luma, psnr_hvs_m
from core.metrics.sequence import sequence_accuracy, sequence_votes

__all__ = [
    "ClassTable",
    "GroupedAUC",
    "ImageTable",
    "PixelAUC",
    "confusion",
    "epochs_to_converge",
    "luma",
    "psnr_hvs_m",
    "sequence_accuracy",
    "sequence_votes",
]
