"""Calling a decoder in a process of its own, with limits of memory and time."""

from __future__ import annotations

import atexit
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from mmap import mmap
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

import numpy as np

from core.checks import InputError
from core.dicom.worker import SHARED

_ROOT: Final = Path(__file__).parents[2]
_START_SECONDS: Final = 120.0  # of the clock; on a busy machine imports take long
_PATIENCE: Final = 20.0  # times the processor time: how long the clock may run


class DecodingError(RuntimeError):
    """What a decoder said, or what became of the process that it ran in."""


def isolated(function: Callable[..., Any], *args: object, seconds: float) -> Any:
    """Call a function in the worker process, which is started when it is first needed.

    Each process that calls this has a worker of its own, for all its files; threads take turns.

    Args:
        function: Importable by its name; what it returns is an array, a list of arrays, or small.
        args: Its arguments, picklable.
        seconds: Of processor time that the call may take.

    Returns:
        What the function returned; arrays as copies that belong to the caller.

    Raises:
        InputError: As the function raised it.
        DecodingError: For every other error of the function, and if the process died of it.
    """
    with _state.lock:
        worker = _state.running()
        try:
            kind, content = worker.ask((function, args, seconds), seconds)
            if kind in ("array", "arrays"):
                content = [worker.array(*place) for place in content]
        except BaseException:  # of an interrupt too: its answer would be taken for the next one's
            _state.stop()
            raise
    if kind == "input error":
        raise InputError(content)
    if kind == "error":
        raise DecodingError(content)
    return content[0] if kind == "array" else content


class _Worker:
    """The other process: its connection, and the memory that both see."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs, _shared_file() as shared:
            ends = theirs.fileno(), shared
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "core.dicom.worker", *map(str, ends)],
                pass_fds=ends,
                env=os.environ | {"PYTHONPATH": str(_ROOT), "OMP_NUM_THREADS": "1"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,  # decoders write there, at times of the file's content
            )
            self._memory = mmap(shared, SHARED)
        self._connection = Connection(ours.detach())
        self._answer(_START_SECONDS)

    def alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, request: object, seconds: float) -> tuple[str, Any]:
        self._connection.send(request)
        kind, content = self._answer(seconds * _PATIENCE)
        return kind, content

    def _answer(self, seconds: float) -> Any:
        if not self._connection.poll(seconds):
            raise DecodingError(f"no answer within {seconds:.0f} seconds")
        try:
            return self._connection.recv()
        except (EOFError, ConnectionError) as error:
            raise DecodingError(_cause(self._process.wait())) from error

    def array(self, shape: tuple[int, ...], dtype: str, start: int) -> np.ndarray[Any, Any]:
        return np.ndarray(shape, dtype, self._memory, start).copy()

    def end(self) -> None:
        self._connection.close()
        self._process.kill()
        self._process.wait()

    def forget(self) -> None:
        """Close this process's ends; the worker is another's."""
        self._connection.close()
        self._process.returncode = 0  # not our child: nothing to wait for


def _cause(code: int) -> str:
    """Return why a worker ended, by its exit code."""
    if code == -signal.SIGPROF:
        return "decoding takes too long"
    return f"the decoder crashed ({signal.Signals(-code).name})" if code < 0 else "out of memory"


class _State:
    """The worker of this process, and whose turn it is."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self._worker: _Worker | None = None

    def running(self) -> _Worker:
        if self._worker is not None and not self._worker.alive():  # ended by the system, idle
            self.stop()
        if self._worker is None:
            self._worker = _Worker()
        return self._worker

    def stop(self) -> None:
        if self._worker is not None:
            self._worker.end()
            self._worker = None

    def after_fork(self) -> None:
        if self._worker is not None:
            self._worker.forget()
            self._worker = None
        self.lock = threading.Lock()  # the former one may be held by a thread that is not here


@contextmanager
def _shared_file() -> Iterator[int]:
    """Yield the descriptor of a nameless file of `SHARED` bytes, in memory where there is such."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("frames")
    else:
        with tempfile.TemporaryFile() as file:
            descriptor = os.dup(file.fileno())
    try:
        os.ftruncate(descriptor, SHARED)
        yield descriptor
    finally:
        os.close(descriptor)


_state = _State()
os.register_at_fork(after_in_child=_state.after_fork)
atexit.register(_state.stop)
