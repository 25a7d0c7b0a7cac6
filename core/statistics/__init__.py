"""What numbers of several patients and several trainings allow to be said."""

from core.statistics.comparison import Comparison, compare, compare_runs, subject_means
from core.statistics.holm import holm
from core.statistics.intervals import subject_intervals
from core.statistics.scatter import RunScatter, nearest_scatter, run_scatter, share_repetitions

__all__ = [
    "Comparison",
    "RunScatter",
    "compare",
    "compare_runs",
    "holm",
    "nearest_scatter",
    "run_scatter",
    "share_repetitions",
    "subject_intervals",
    "subject_means",
]
