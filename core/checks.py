"""Checks at the door: what the user gave, what was expected, what came."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any


class InputError(ValueError):
    """Something the user gave is wrong; shown as one line, without a traceback."""


class RunError(RuntimeError):
    """A run cannot go on for a reason outside the code (full disk, NaN); shown as one line."""


def require(condition: Any, subject: object, expected: str, got: object = None) -> None:
    """Raise `InputError` "subject: expected ..., got ..." unless the condition holds.

    Args:
        condition: Anything with a truth value.
        subject: The argument, file or key that is checked.
        expected: What would have been right.
        got: What came instead; arrays are described by shape, dtype and range. None leaves it out.

    Raises:
        InputError: If the condition is false.
    """
    if not condition:
        came = "" if got is None else f", got {describe(got)}"
        raise InputError(f"{subject}: expected {expected}{came}")


def describe(value: object) -> str:
    """Say in a few words what a value is; an array by shape, dtype and range, never by content."""
    shape, dtype = getattr(value, "shape", None), getattr(value, "dtype", None)
    if shape is None or dtype is None:
        return value if isinstance(value, str) else repr(value)
    size = getattr(value, "size", 0)
    count = size() if callable(size) else size
    span = f", values {value.min()} to {value.max()}" if count and len(shape) else ""  # type: ignore[attr-defined]
    return f"array of shape {tuple(shape)}, {dtype}{span}"


def first_line(error: Exception) -> str:
    """Return the first line of what an error says, or of what kind it is where it says nothing."""
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__


def nearest(word: str, known: Iterable[str]) -> str:
    """Return ", did you mean 'x'?" for the known word nearest to this one, or nothing."""
    close = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f", did you mean '{close[0]}'?" if close else ""
