"""Calling a decoder in a process of its own, with limits of memory and time.

What comes back is taken as data only, JSON and pixels, and is checked: a file that takes the
decoder over can answer wrong numbers, but has nothing run in this process. `core.dicom.worker` says
what is decoded there and what is not.
"""

from __future__ import annotations

import atexit
import os
import pickle
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from mmap import mmap
from pathlib import Path
from typing import Any, Final

from core.checks import InputError
from core.dicom.answers import SHARED, Answer, answer_of, shared_file
from core.dicom.worker import OUT_OF_MEMORY, Request

_ROOT: Final = Path(__file__).parents[2]
_START_SECONDS: Final = 120.0  # of the clock; on a busy machine imports take long
_PATIENCE: Final = 20.0  # times the processor time: how long the clock may run
_LONGEST: Final = 2**16  # bytes of an answer
_END_SECONDS: Final = 5.0  # of the clock, from its last word to its end


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
        What the function returned; arrays as copies that belong to the caller, and of the rest
        what JSON makes of it: lists for tuples.

    Raises:
        InputError: As the function raised it.
        DecodingError: For every other error of the function, and if the process died of it or
            answers nonsense.
    """
    with _state.lock:
        worker = _state.running()
        try:
            kind, content = worker.ask((function, args, seconds), seconds)
        except BaseException:  # of an interrupt too: its answer would be taken for the next one's
            _state.stop()
            raise
    if kind == "input error":
        raise InputError(content)
    if kind == "error":
        raise DecodingError(content)
    return content


class _Worker:
    """The other process: the socket to it, and the memory that both see."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs, shared_file() as shared:
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
        self._socket = ours
        try:
            kind, content = self._said(b"", _START_SECONDS)
            if kind == "error":
                raise DecodingError(content)
        except BaseException:
            self.end()
            raise

    def alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, request: Request, seconds: float) -> Answer:
        """Hand a request over, and wait for the answer."""
        return self._said(pickle.dumps(request), seconds * _PATIENCE)

    def _said(self, request: bytes, seconds: float) -> Answer:
        try:
            self._socket.settimeout(seconds)
            self._socket.sendall(request)
            return answer_of(self._line(time.monotonic() + seconds), self._memory)
        except TimeoutError as error:
            raise DecodingError(f"no answer within {seconds:.0f} seconds") from error
        except ConnectionError as error:
            raise DecodingError(self._cause()) from error
        except ValueError as error:
            raise DecodingError("the decoder answers nonsense") from error

    def _line(self, end: float) -> bytes:
        """Return what comes up to the end of a line."""
        line = b""
        while not line.endswith(b"\n") and len(line) <= _LONGEST:
            self._socket.settimeout(max(end - time.monotonic(), 1e-3))
            part = self._socket.recv(_LONGEST)
            if not part:
                raise ConnectionResetError
            line += part
        return line

    def _cause(self) -> str:
        """Return why it ended, by its exit code; that it did not end after all is no reason."""
        try:
            return _cause(self._process.wait(_END_SECONDS))
        except subprocess.TimeoutExpired:
            return "the decoder went silent"

    def end(self) -> None:
        self._socket.close()
        self._process.kill()
        self._process.wait()

    def forget(self) -> None:
        """Close this process's ends; the worker is another's."""
        self._socket.close()
        self._process.returncode = 0  # not our child: nothing to wait for


def _cause(code: int) -> str:
    """Return why a worker ended, by its exit code."""
    if code == -signal.SIGPROF:
        return "decoding takes too long"
    if code == OUT_OF_MEMORY:
        return "out of memory"
    crashed = f"crashed ({signal.Signals(-code).name})" if code < 0 else f"ended with code {code}"
    return f"the decoder {crashed}"


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


_state = _State()
os.register_at_fork(after_in_child=_state.after_fork)
atexit.register(_state.stop)
