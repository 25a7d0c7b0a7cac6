"""Running an experiment's cells: forked from one process, several at a time, here or on Ray."""

from core.experiments.launch.matrix import launch
from core.experiments.launch.task import Task, is_done

__all__ = ["Task", "is_done", "launch"]
