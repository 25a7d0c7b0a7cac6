"""The LightningModules: what is trained, and how it is measured."""

from core.tasks.adversarial import AdversarialTask
from core.tasks.base import Task
from core.tasks.classification import ClassificationTask
from core.tasks.restoration import RestorationTask
from core.tasks.segmentation import SegmentationTask
from core.tasks.self_supervised import SelfSupervisedTask

__all__ = [
    "AdversarialTask",
    "ClassificationTask",
    "RestorationTask",
    "SegmentationTask",
    "SelfSupervisedTask",
    "Task",
]
