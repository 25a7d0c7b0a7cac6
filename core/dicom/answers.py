"""What the worker process answers: a line of JSON, and pixels in the memory that both see."""

from __future__ import annotations

import fcntl
import json
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from mmap import mmap
from typing import Any, Final

import numpy as np

from core.dicom.pixels import MAX_PIXELS, Array
from core.files import printable

SHARED: Final = 3 * MAX_PIXELS
"""Bytes of the memory through which frames are handed over; only what is used becomes real."""

Answer = tuple[str, Any]
"""What kind of an answer it is, one of `KINDS`, and what it holds."""

KINDS: Final = ("array", "arrays", "value", "input error", "error")

_NUMBERS: Final = re.compile("[|<>][uif][1248]")  # the types of pixels


@contextmanager
def shared_file() -> Iterator[int]:
    """Yield the descriptor of a nameless file of `SHARED` bytes, in memory where there is such."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("frames", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    else:
        with tempfile.TemporaryFile() as file:
            descriptor = os.dup(file.fileno())
    try:
        os.ftruncate(descriptor, SHARED)
        if hasattr(fcntl, "F_SEAL_SHRINK"):  # reading beyond its end would end this process
            fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL)
        yield descriptor
    finally:
        os.close(descriptor)


def line_of(answer: Answer, shared: mmap) -> bytes:
    """Return an answer as a line, and put its pixels into the shared memory one behind the other.

    Raises:
        ValueError: If they are more than fit.
        TypeError: If the answer holds what JSON does not know.
    """
    kind, content = answer
    if kind.startswith("array"):
        content = list(_stored([content] if kind == "array" else content, shared))
    return json.dumps([kind, content]).encode() + b"\n"


def _stored(arrays: list[Array], shared: mmap) -> Iterator[tuple[tuple[int, ...], str]]:
    end = 0
    for array in arrays:
        start, end = end, end + array.nbytes
        if end > SHARED:
            raise ValueError(f"a frame of {array.nbytes} bytes")
        np.ndarray(array.shape, array.dtype, shared, start)[...] = array
        yield array.shape, array.dtype.str


def answer_of(line: bytes, shared: mmap) -> Answer:
    """Return what a line says, believing nothing of it.

    Returns:
        The kind; and an array or a list of arrays, as copies, a printable text for an error, or
        whatever JSON can hold.

    Raises:
        ValueError: If it is no answer.
    """
    try:
        kind, content = json.loads(line)
        if kind not in KINDS:
            raise ValueError("an unknown kind")
        if kind.startswith("array"):
            content = list(_copied(content, shared))
        if kind.endswith("error"):
            content = printable(content)
        return kind, content[0] if kind == "array" else content
    except (TypeError, LookupError, RecursionError, OverflowError) as error:
        raise ValueError(printable(error)) from error


def _copied(places: Any, shared: mmap) -> Iterator[Array]:
    """Yield arrays that lie one behind the other, which bounds what all of them take."""
    start = 0
    for shape, dtype in places:
        if not _NUMBERS.fullmatch(dtype) or min(shape, default=0) < 0:
            raise ValueError("no pixels")
        array: Array = np.ndarray(shape, dtype, shared, start)
        start += array.nbytes
        yield array.copy()
