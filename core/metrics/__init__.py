"""Scores of segmentations: one function an idea, and classes that keep state over a stage."""

from core.metrics.auc import PixelAUC
from core.metrics.convergence import epochs_to_converge
from core.metrics.grouped_auc import GroupedAUC
from core.metrics.image_table import ImageTable

__all__ = ["GroupedAUC", "ImageTable", "PixelAUC", "epochs_to_converge"]
