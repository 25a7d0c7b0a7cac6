"""Side effects of a run: what it writes down, and what keeps it safe."""

from core.callbacks.best_checkpoint import BestCheckpoint
from core.callbacks.exact_resume import ExactResume
from core.callbacks.finite_guard import FiniteGuard
from core.callbacks.run_config import RunConfig

__all__ = ["BestCheckpoint", "ExactResume", "FiniteGuard", "RunConfig"]
