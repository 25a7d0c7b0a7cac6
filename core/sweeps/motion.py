"""A sweep as it would be had the probe moved too fast: frames missing, poses off."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.checks import require
from core.sweeps.sweep import Sweep


def hurried(sweep: Sweep, *, leave_out: int = 0, jitter_mm: float = 0.0, seed: int = 0) -> Sweep:
    """Leave frames of a sweep out, and displace the others.

    A probe that moves fast passes more of the back from frame to frame, and the tracker's pose,
    which is never of the frame's very moment, is off by more. Each frame is displaced by itself:
    independent normal draws along the three axes, without any turn. A frame's displacement depends
    on the seed and on its place in the sweep, not on which others are left out.

    Args:
        sweep: What was recorded.
        leave_out: n leaves out each n-th frame: 3 the third, the sixth and so on; 0 none.
        jitter_mm: Standard deviation of the displacement along each axis.
        seed: Seeds the displacements.

    Returns:
        A sweep of the same frames with fewer of them in use; the one given stays as it is.

    Raises:
        InputError: If a number is out of its range, or fewer than two frames would be left.
    """
    expected = "2 or more, or 0 for no frame"
    require(leave_out == 0 or leave_out >= 2, "leave_out", expected, leave_out)
    require(0 <= jitter_mm < np.inf, "jitter_mm", "a distance from 0", jitter_mm)
    numbers = np.arange(1, len(sweep.used) + 1)
    kept = numbers % leave_out != 0 if leave_out else numbers > 0
    require(kept.sum() >= 2, "leave_out", "at least 2 frames that stay", int(kept.sum()))
    to_mm = sweep.to_mm.copy()
    to_mm[:, :3, 3] += np.random.default_rng(seed).normal(0, jitter_mm, (len(to_mm), 3))
    return replace(sweep, used=sweep.used[kept], to_mm=to_mm[kept])
