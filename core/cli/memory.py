"""Freed memory is kept for the next batch, where the C library lets us say so."""

from __future__ import annotations

import ctypes
import sys

_TRIM_THRESHOLD, _MMAP_MAX = -1, -4  # of mallopt(3)
_NEVER = 2**31 - 1


def keep_freed_memory() -> bool:
    """Ask glibc not to return freed memory to the system; return whether it does so.

    By default it returns arrays of more than 32 MB at every free, such as the feature maps of a
    batch, and the system hands them back page by page, zeroed. A training step on the CPU took 1.4
    to 1.6 times as long for it (benchmarks/freed_memory.py).
    """
    if not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:  # another C library than glibc
        return False
    return bool(mallopt(_MMAP_MAX, 0) and mallopt(_TRIM_THRESHOLD, _NEVER))
