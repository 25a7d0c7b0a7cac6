"""A paper's table or figure as a matrix of runs, set beside the paper's numbers."""

from core.experiments.read import read_experiment, reference
from core.experiments.reproduce import reproduce
from core.experiments.spec import Experiment
from core.experiments.values import measured

__all__ = ["Experiment", "measured", "read_experiment", "reference", "reproduce"]
