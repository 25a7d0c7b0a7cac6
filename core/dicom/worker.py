"""The process in which compressed frames are decoded: what they do to it, they do to it alone.

Files come from outside, and decoders are large C programs. A frame that makes one crash, hang or
fill the memory ends this process; `core.dicom.isolated` then says so and starts the next one.
"""

from __future__ import annotations

import resource
import signal
import sys
import warnings
from collections.abc import Callable
from mmap import mmap
from multiprocessing.connection import Connection
from typing import Any, Final

import numpy as np

from core.checks import InputError
from core.dicom.pixels import MAX_PIXELS, Array, reason_of

MEMORY: Final = 2 * 2**30
"""Bytes that the process may address; its libraries take about a quarter of it."""

SHARED: Final = 3 * MAX_PIXELS
"""Bytes of the memory through which frames are handed over; only what is used becomes real."""

Place = tuple[tuple[int, ...], str, int]
"""Of an array in the shared memory: its shape, its type, and its first byte."""

Request = tuple[Callable[..., Any], tuple[Any, ...], float]
"""What to call, with what, and how many seconds of processor time it may take."""


def main(connection_fd: int, shared_fd: int) -> None:
    """Answer requests until the other side is gone."""
    _limit()
    import imagecodecs  # noqa: F401  # now rather than within the time of the first frame

    with Connection(connection_fd) as connection, mmap(shared_fd, SHARED) as shared:
        connection.send("ready")
        while True:
            try:
                request: Request = connection.recv()
            except (EOFError, OSError):
                return
            connection.send(_answer(request, shared))


def _limit() -> None:
    """Limit the memory; leave no dump, which would hold pixels; let the other side end us."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    warnings.simplefilter("ignore")


def _answer(request: Request, shared: mmap) -> tuple[str, Any]:
    """Return the kind of an answer and what it holds; pixels lie in the shared memory."""
    function, args, seconds = request
    signal.setitimer(signal.ITIMER_PROF, seconds)  # its signal ends the process, also inside of C
    try:
        result = function(*args)
        if isinstance(result, np.ndarray):
            return "array", _shared([result], shared)
        return (
            ("arrays", _shared(result, shared)) if isinstance(result, list) else ("value", result)
        )
    except InputError as error:
        return "input error", str(error)
    except MemoryError:
        return "error", f"needs more than {MEMORY / 2**30:g} GiB of memory"
    except Exception as error:
        return "error", reason_of(error)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _shared(arrays: list[Array], shared: mmap) -> list[Place]:
    """Put arrays into the shared memory one behind the other, and return where they lie."""
    places, end = list[Place](), 0
    for array in arrays:
        start, end = end, end + array.nbytes
        if end > SHARED:
            raise ValueError(f"a frame of {array.nbytes} bytes")
        np.ndarray(array.shape, array.dtype, shared, start)[...] = array
        places.append((array.shape, array.dtype.str, start))
    return places


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
