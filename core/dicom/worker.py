"""The process in which compressed frames are decoded: what they do to it, they do to it alone.

Files come from outside, and decoders are large C programs. A frame that makes one crash, hang or
fill the memory ends this process; `core.dicom.isolated` then says so and starts the next one.

Here are decoded: the compressed frames of DICOM files, and videos. In the process of the caller
itself are read, by Python and Pillow: the headers of DICOM files, deflated ones (zlib), frames of
plain numbers, and image files. What this process answers is numbers, texts and pixels, of which the
other one runs nothing. It is no sandbox: it has the rights of the user who started it.
"""

from __future__ import annotations

import pickle
import resource
import signal
import socket
import sys
import warnings
from collections.abc import Callable
from mmap import mmap
from typing import Any, Final

import numpy as np

from core.checks import InputError
from core.dicom.answers import SHARED, Answer, line_of
from core.dicom.pixels import reason_of

MEMORY: Final = 2 * 2**30
"""Bytes that the process may address; its libraries take about a quarter of it."""

OUT_OF_MEMORY: Final = 77
"""Exit code when there is none left even for an answer."""

Request = tuple[Callable[..., Any], tuple[Any, ...], float]
"""What to call, with what, and how many seconds of processor time it may take."""


def main(socket_fd: int, shared_fd: int) -> None:
    """Answer requests until the other side is gone."""
    _limit()
    with socket.socket(fileno=socket_fd).makefile("rwb") as other, mmap(shared_fd, SHARED) as mine:
        line = line_of(_loaded(), mine)
        while True:
            other.write(line)
            other.flush()
            try:
                request: Request = pickle.load(other)  # of the process that started this one
            except (EOFError, OSError):
                return
            line = _line(request, mine)


def _limit() -> None:
    """Limit the memory; leave no dump, which would hold pixels; let the other side end us."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    warnings.simplefilter("ignore")


def _loaded() -> Answer:
    """Load the decoders now rather than within the time of the first frame."""
    try:
        import imagecodecs  # noqa: F401
    except ImportError as error:
        return "error", f"the decoders cannot be loaded: {reason_of(error)}"
    return "value", "ready"


def _line(request: Request, shared: mmap) -> bytes:
    """Return the answer; its pixels lie in the shared memory then."""
    function, args, seconds = request
    signal.setitimer(signal.ITIMER_PROF, seconds)  # its signal ends the process, also inside of C
    try:
        result = function(*args)
        one, several = isinstance(result, np.ndarray), isinstance(result, list)
        return line_of(("array" if one else "arrays" if several else "value", result), shared)
    except InputError as error:
        return line_of(("input error", str(error)), shared)
    except MemoryError:
        return line_of(("error", f"needs more than {MEMORY / 2**30:g} GiB of memory"), shared)
    except Exception as error:
        return line_of(("error", reason_of(error)), shared)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


if __name__ == "__main__":
    try:
        main(*map(int, sys.argv[1:]))
    except MemoryError:
        sys.exit(OUT_OF_MEMORY)
