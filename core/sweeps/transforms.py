"""Named rigid and affine transforms between frames of reference, and routes through them.

A transform `ProbeToTracker` takes homogeneous points, in millimetres, of the frame Probe to the
frame Tracker; the frame Image counts in pixels (column, row, 0, 1) from the upper left.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from core.checks import InputError, require
from core.files import printable

Matrix = npt.NDArray[np.float64]
Names = tuple[str, str]

_NAMES = re.compile(r"([A-Z]\w*?)To([A-Z]\w*)")
_MAX_BYTES: Final = 1 << 20  # of a calibration file


def names_of(word: str) -> Names | None:
    """Return ("Probe", "Tracker") for "ProbeToTracker", None for what names no transform."""
    match = _NAMES.fullmatch(word)
    return (match.group(1), match.group(2)) if match else None


def matrix_of(numbers: str | Sequence[object], subject: str) -> Matrix:
    """Return a (4, 4) affine matrix from its numbers, row by row.

    Args:
        numbers: Text of 16 numbers, or 16 numbers, or four rows of four.
        subject: What an error message calls them.

    Raises:
        InputError: If they are no invertible affine transform.
    """
    try:
        given = numbers.split() if isinstance(numbers, str) else numbers
        matrix = np.array(given, np.float64).reshape(4, 4)
    except (ValueError, TypeError):
        matrix = np.full((4, 4), np.nan)
    affine = np.isfinite(matrix).all() and np.allclose(matrix[3], (0, 0, 0, 1))
    right = affine and np.linalg.matrix_rank(matrix) == 4
    require(right, subject, "an invertible 4 x 4 matrix, row by row, that ends in 0 0 0 1")
    return matrix


def route(known: Iterable[Names], start: str, end: str) -> list[str] | None:
    """Return the shortest chain of frames from start to end, each transform used either way.

    Returns:
        The frames passed, with both ends; None if no chain of known transforms leads there.
    """
    pairs = [*known]
    steps = [*pairs, *((end, start) for start, end in pairs)]
    ways, reached = deque([[start]]), {start}
    while ways:
        way = ways.popleft()
        if way[-1] == end:
            return way
        onward = sorted({to for frm, to in steps if frm == way[-1]} - reached)
        reached.update(onward)
        ways.extend([*way, name] for name in onward)
    return None


def along(way: Sequence[str], transforms: Mapping[Names, Matrix]) -> Matrix | None:
    """Return the (4, 4) transform from a way's first frame to its last, None if one is missing."""
    total = np.eye(4)
    for start, end in pairwise(way):
        if (start, end) in transforms:
            total = transforms[start, end] @ total
        elif (end, start) in transforms:
            total = np.linalg.inv(transforms[end, start]) @ total
        else:
            return None
    return total


def read_calibration(path: Path) -> dict[Names, Matrix]:
    """Read the transforms that stay the same throughout a sweep, such as ImageToProbe.

    Args:
        path: A YAML file of lines such as `ImageToProbe: [...]`, 16 numbers row by row or four rows
            of four; or an XML configuration of the PLUS toolkit, whose elements
            `<Transform From="Image" To="Probe" Matrix="...">` are taken.

    Raises:
        InputError: If it cannot be read or holds no transform.
    """
    name = printable(path.name)
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise InputError(f"{name}: expected a file that can be read: {error.strerror}") from error
    require(len(content) <= _MAX_BYTES, name, f"a calibration of at most {_MAX_BYTES:,} bytes")
    xml = content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
    found = _from_xml(content, name) if xml else _from_yaml(content, name)
    require(found, name, "a transform, such as ImageToProbe", "none")
    return {names: matrix_of(given, f"{name}: {'To'.join(names)}") for names, given in found}


def _from_yaml(content: bytes, name: str) -> list[tuple[Names, Sequence[object]]]:
    import yaml

    try:
        given = yaml.safe_load(content)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError(f"{name}: expected YAML or XML, got neither") from error
    require(isinstance(given, dict), name, "lines such as 'ImageToProbe: [16 numbers]'")
    named = [(str(key), names_of(str(key)), value) for key, value in given.items()]
    for key, names, _ in named:
        require(names, name, "names such as ImageToProbe", printable(key))
    return [(names, value) for _, names, value in named if names]


def _from_xml(content: bytes, name: str) -> list[tuple[Names, Sequence[object]]]:
    from xml.etree import ElementTree

    # entities are what XML attacks are made of; no configuration needs them
    require(b"<!" not in content.replace(b"<!--", b""), name, "XML without declarations")
    try:
        root = ElementTree.fromstring(content)
    except ElementTree.ParseError as error:
        raise InputError(f"{name}: expected XML: {error}") from error
    given = [element.attrib for element in root.iter("Transform")]
    complete = [each for each in given if {"From", "To", "Matrix"} <= each.keys()]
    return [((each["From"], each["To"]), each["Matrix"]) for each in complete]
