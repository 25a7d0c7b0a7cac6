"""How far a matrix of cells is, and how long it will take."""

from __future__ import annotations

import sys
from typing import Any

from tqdm import tqdm

from core.experiments.launch.task import Ended, is_done


class Progress:
    """One line on a terminal; elsewhere a line when a cell ends.

    Args:
        total: Cells of the matrix.
        before: How many of them were done before.
        jobs: How many run at a time.
    """

    def __init__(self, total: int, before: int, jobs: int) -> None:
        self._total, self._before, self._jobs = total, before, jobs
        self._ended, self._seconds = 0, 0.0
        how: dict[str, Any] = {"unit": "run", "file": sys.stdout, "dynamic_ncols": True}
        shown = "{n_fmt}/{total_fmt} runs |{bar}| {elapsed}{postfix}"
        on_terminal = sys.stdout.isatty()
        self._bar = tqdm(
            total=total, initial=before, bar_format=shown, disable=not on_terminal, **how
        )

    def tell(self, ended: Ended) -> None:
        """Say that a cell has ended, and how long the others will take."""
        self._ended += 1
        self._seconds += ended.seconds
        done = is_done(ended.task.run_dir)
        self._bar.update()
        self._bar.set_postfix_str(self._left())
        if not done:
            self._say(f"failed: {ended.task.name}: {ended.why} (see {ended.task.run_dir}/log.txt)")
        elif self._bar.disable:
            after = f"done in {lasting(ended.seconds)}, {self._left()}"
            self._say(f"[{self._before + self._ended}/{self._total}] {after}: {ended.task.name}")

    def close(self) -> None:
        """Leave the line as it is."""
        self._bar.close()

    def _left(self) -> str:
        """Say what is left, if the others take as long as those before them."""
        left = self._total - self._before - self._ended
        if not left:
            return "none left"
        seconds = self._seconds / self._ended * left / min(self._jobs, left)
        return f"about {lasting(seconds)} left"

    def _say(self, line: str) -> None:
        self._bar.write(line, file=sys.stdout)
        sys.stdout.flush()


def lasting(seconds: float) -> str:
    """Return a duration in words, in the largest unit of which there are two or more."""
    for unit, length in (("h", 3600.0), ("min", 60.0)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"
