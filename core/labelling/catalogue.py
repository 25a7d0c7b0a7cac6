"""The cines of a folder, known by their content."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from core.checks import InputError, require
from core.cines import find_cines, open_cine
from core.cines.find import is_text
from core.files import printable

_BLOCK, _BLOCKS = 1 << 16, 16


class Item(NamedTuple):
    """A cine to label.

    Attributes:
        digest: `digest_of` its content; the only name that it has on the page.
        path: Where it is.
        frames: Number of frames.
        fps: Frames a second; NaN where unknown.
        device: Maker and model of the machine; empty where unknown.
        subject: Patient ID in the file; empty where unknown.
    """

    digest: str
    path: Path
    frames: int
    fps: float
    device: str
    subject: str


class Catalogue:
    """The cines of a folder, in the order of their paths; `scan` fills it, maybe in a thread.

    Args:
        root: The folder, or a single file.

    Raises:
        InputError: If there is nothing of that name, or no cine in it.
    """

    def __init__(self, root: Path) -> None:
        self._paths = find_cines(root)
        require(self._paths, printable(root), "a folder of cines", "one without any")
        self.root: Final = root if root.is_dir() else root.parent
        self.found: Final = len(self._paths)
        self.items: list[Item] = []
        self.copies = 0
        self.refused: list[str] = []
        self.is_complete = False
        self._number_of: dict[str, int] = {}

    def scan(self, say: Callable[[str], object]) -> None:
        """Read what each cine is, once; what cannot be read is said, and left out."""
        try:
            for path in self._paths:
                try:
                    self._add(self._read(path))
                except InputError as error:
                    self.refused.append(str(error))
                    say(f"left out: {error}")
        finally:
            self.is_complete = True

    def get(self, digest: str) -> Item | None:
        """Return the cine of a digest."""
        number = self._number_of.get(digest)
        return None if number is None else self.items[number - 1]

    def number(self, item: Item) -> int:
        """Return the place of a cine, from 1."""
        return self._number_of[item.digest]

    def name(self, item: Item) -> str:
        """Return a cine's path below the folder, / separated."""
        return item.path.relative_to(self.root).as_posix()

    def _add(self, item: Item) -> None:
        if item.digest in self._number_of:
            self.copies += 1
        else:
            self.items.append(item)
            self._number_of[item.digest] = len(self.items)

    def _read(self, path: Path) -> Item:
        inside = path.resolve().is_relative_to(self.root.resolve())
        require(inside, printable(path.name), "a file in the folder", "a link that leads out of it")
        with open_cine(path) as cine:
            machine = f"{cine.maker} {cine.model}".strip()
            facts = cine.frames, cine.fps, printable(machine), printable(cine.subject)
            return Item(digest_of(path), path, *facts)


def digest_of(path: Path) -> str:
    """Return 32 hexadecimal digits that stay the same when a cine is moved or renamed.

    They are of the size and of 16 blocks of 64 KiB, spread evenly, of a file (all of it if it is
    small), or of the names and digests of a folder's files: cines of gigabytes take no time.

    Raises:
        InputError: If it cannot be read.
    """
    try:
        digest = hashlib.sha256()
        for part in _parts_of_folder(path) if path.is_dir() else _parts_of_file(path):
            digest.update(part)
        return digest.hexdigest()[:32]
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(f"{printable(path.name)}: expected a readable file: {reason}") from error


def _parts_of_folder(path: Path) -> Iterator[bytes]:
    for file in sorted(path.iterdir()):
        if not (file.name.startswith(".") or is_text(file)):
            yield f"{printable(file.name)}/{digest_of(file)}/".encode()


def _parts_of_file(path: Path) -> Iterator[bytes]:
    size = path.stat().st_size
    yield f"{size}/".encode()
    with path.open("rb") as file:
        if size <= _BLOCK * _BLOCKS:
            yield file.read()
            return
        for block in range(_BLOCKS):
            file.seek((size - _BLOCK) * block // (_BLOCKS - 1))
            yield file.read(_BLOCK)
