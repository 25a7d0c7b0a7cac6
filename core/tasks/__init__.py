"""The LightningModules: what is trained, and how it is measured."""

from core.tasks.base import Task
from core.tasks.segmentation import SegmentationTask

__all__ = ["SegmentationTask", "Task"]
