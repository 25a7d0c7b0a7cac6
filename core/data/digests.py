"""Digests of files, remembered so that unchanged files are not read again."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from core.checks import InputError, RunError
from core.files import printable, replacing

_DIGEST_BYTES = 16
MEMO_NAME = "digests.json"
_SETTLED_NS = 2_000_000_000  # changed twice within a tick of its clock, a file looks unchanged


def new_state() -> hashlib.blake2b:
    """Return a hash to feed content to."""
    return hashlib.blake2b(digest_size=_DIGEST_BYTES)


def digest(parts: Iterable[str | bytes]) -> str:
    """Return the BLAKE2b digest of several texts or byte strings, each kept apart from the next."""
    state = new_state()
    for part in parts:
        content = part.encode("utf-8", "surrogateescape") if isinstance(part, str) else part
        state.update(len(content).to_bytes(8, "little"))
        state.update(content)
    return state.hexdigest()


def image_digest(image: npt.NDArray[np.uint8]) -> str:
    """Return the digest of an image's size and pixels, the same however it is stored."""
    return digest([repr(image.shape), image.tobytes()])


def file_digests(paths: Sequence[Path], memo_folder: Path | None = None) -> list[str]:
    """Return the BLAKE2b digest of each file's content, 32 hex digits.

    Args:
        paths: The files.
        memo_folder: Where digests are remembered by path, size and times of change; None reads
            every file.

    Raises:
        InputError: If a file cannot be read.
    """
    begun, memo = time.time_ns(), _read_memo(memo_folder)
    known = {path: _remembered(memo, path) for path in paths}
    unread = [path for path, found in known.items() if found is None]
    for path in tqdm(unread, desc="reading files", unit="file", delay=1, leave=False):
        stamp = _stamp(path)
        known[path] = found = _file_digest(path)
        memo[str(path.resolve())] = [*stamp, found]
    if memo_folder is not None and unread:
        _write_memo(memo_folder, memo, begun)
    return [str(known[path]) for path in paths]


def _remembered(memo: dict[str, list[int | str]], path: Path) -> str | None:
    """Return the digest in the memo if the file is as it was."""
    entry = memo.get(str(path.resolve()))
    if entry is None or entry[:-1] != _stamp(path):
        return None
    return str(entry[-1])


def _stamp(path: Path) -> list[int]:
    try:
        status = path.stat()
    except OSError as error:
        raise _unreadable(path, error) from error
    return [status.st_size, status.st_mtime_ns, status.st_ctime_ns]


def _file_digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, new_state).hexdigest()
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> InputError:
    return InputError(f"{printable(path.name)}: expected a readable file, got {error.strerror}")


def _read_memo(folder: Path | None) -> dict[str, list[int | str]]:
    """Return what is remembered; a memo that cannot be read is only a slower start."""
    if folder is None:
        return {}
    try:
        memo = json.loads((folder / MEMO_NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return memo if isinstance(memo, dict) else {}


def _write_memo(folder: Path, memo: dict[str, list[int | str]], begun: int) -> None:
    """Remember all digests but those of files that had only just changed when we began."""
    settled = {path: e for path, e in memo.items() if begun - max(map(int, e[1:3])) > _SETTLED_NS}
    # A memo that cannot be written, in a shared folder for example, is only a slower next start.
    with suppress(RunError), replacing(folder / MEMO_NAME) as file:
        file.write(json.dumps(settled).encode("utf-8"))
