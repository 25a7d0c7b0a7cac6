"""The originals: which there are, and the private list of what became of them."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator, Mapping
from dataclasses import astuple, fields
from hashlib import sha256
from pathlib import Path

from core.checks import require
from core.deidentify.copying import Outcome
from core.files import printable, replacing


def files_below(source: Path) -> dict[Path, str]:
    """Return every file below a folder, hidden ones too, or a single file itself; sorted.

    Linked folders are not entered, lest a file comes twice or from elsewhere; they, broken links
    and folders that cannot be opened are in the list, so that none is lost without a word.

    Returns:
        By path, why it cannot be a file to copy; "" where it can.

    Raises:
        InputError: If there is none.
    """
    require(source.exists(), "--input", "a folder of DICOM files", "nothing of that name")
    found = {source: ""} if source.is_file() else dict(sorted(_walked(source)))
    require(found, "--input", "a folder of DICOM files", "one without files")
    return found


def _walked(source: Path) -> Iterator[tuple[Path, str]]:
    closed: list[OSError] = []
    for folder, folders, files in os.walk(source, onerror=closed.append):
        for name in folders:
            if os.path.islink(path := Path(folder, name)):  # noqa: PTH114 - never an error
                yield path, "a linked folder, which is not entered"
        yield from ((path, _hindrance(path)) for path in (Path(folder, name) for name in files))
    yield from ((Path(error.filename), "a folder that cannot be opened") for error in closed)


def _hindrance(path: Path) -> str:
    if os.path.isfile(path):  # noqa: PTH113 - never an error
        return ""
    linked = os.path.islink(path)  # noqa: PTH114
    return "a broken link" if linked else "neither a file nor a folder"


def require_apart(source: Path, output: Path, key: Path) -> None:
    """Refuse an output or a key that lies with the originals, and a key that lies with the output.

    Args:
        source: A folder, or a file: others beside it do not count.
        output: Folder of the copies.
        key: The key file.

    Raises:
        InputError: If so.
    """
    source, output, key = source.resolve(), output.resolve(), key.resolve()
    apart = not (output.is_relative_to(source) or source.is_relative_to(output))
    require(apart, "--output", "a folder that neither lies in --input nor holds it")
    for folder, option in ((source, "--input"), (output, "--output")):
        require(not key.is_relative_to(folder), "--key", f"a file outside of {option}")


def list_beside(key: Path, output: Path) -> Path:
    """Return the path of the private list: beside the key, another one for every output folder."""
    place = output.resolve()
    digest = sha256(os.fsencode(place)).hexdigest()[:8]
    return key.with_name(f"{key.name}.{place.name}.{digest}.originals.csv")


def write_originals(path: Path, outcomes: Mapping[Path, Outcome]) -> None:
    """Write the private list of which original became which copy, readable by its owner only."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("number", "original", *(column.name for column in fields(Outcome))))
    for number, (original, outcome) in enumerate(sorted(outcomes.items()), 1):
        writer.writerow((number, printable(original), *astuple(outcome)))
    with replacing(path) as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(text.getvalue().encode("utf-8"))
