"""Files that are written whole or not at all, and file names that can be printed."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from uuid import uuid4

from core.checks import RunError, require

_ENDING = re.compile(r"\.(png|tiff?|jpe?g|bmp|dcm)$", re.IGNORECASE)


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """Open a temporary file beside `path` that takes its name, in one step, when all went well.

    Readers see the former content or the new one, never a part, also when several processes write.

    Args:
        path: Final name; its folder is made if it is missing.

    Yields:
        The temporary file, for binary writing.

    Raises:
        RunError: If it cannot be written, a full disk for example; nothing partial stays behind.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{uuid4().hex}")
        with temporary.open("xb") as file:  # as readable for others as any new file of the user's
            try:
                yield file
                file.flush()
                os.fsync(file.fileno())
                temporary.replace(path)
                _flush_folder(path.parent)
            finally:
                temporary.unlink(missing_ok=True)
    except OSError as error:
        former = "; the former file is whole" if path.exists() else ""
        raise RunError(f"cannot write {path}: {error.strerror or error}{former}") from error


def replace_text(path: Path, text: str) -> None:
    """Write a text file in one step, as UTF-8.

    Raises:
        RunError: If it cannot be written.
    """
    with replacing(path) as file:
        file.write(text.encode("utf-8"))


def require_new_folder(path: Path, subject: str) -> None:
    """Raise an `InputError` if a folder to write into holds something already, or is a file."""
    empty = not path.exists() or (path.is_dir() and not any(path.iterdir()))
    require(empty, subject, "a new or empty folder", printable(path))


def png_names(names: Iterable[str]) -> dict[str, str]:
    """Return the name of a PNG file for each image's: with its ending in place of the image's own.

    Where that would give two images one name, those keep their endings before it.
    """
    bare = {name: _ENDING.sub("", name) for name in names}
    often = Counter(bare.values())
    return {name: f"{stem if often[stem] == 1 else name}.png" for name, stem in bare.items()}


def printable(name: object) -> str:
    """Return a file name as text that any stream takes.

    Bytes that are no UTF-8, and control characters, are escaped.
    """
    return "".join(c if c.isprintable() else _escaped(c) for c in str(name))


def _flush_folder(folder: Path) -> None:
    """Make a new name in a folder outlive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
