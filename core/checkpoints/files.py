"""Checkpoint files that are either whole or not there.

Each file is written beside its final name, flushed to the disk, and then takes the name in one
step; `<name>.sha256` beside it holds its digest. A file whose digest differs is never loaded. The
digest is needed because `torch.load` notices fewer than half of all single flipped bits.
"""

from __future__ import annotations

import hashlib
from io import BytesIO
from pathlib import Path
from typing import Any

import torch
from lightning.fabric.plugins import CheckpointIO
from lightning.pytorch.utilities import rank_zero_warn

from core.checks import InputError, first_line
from core.files import replace_text, replacing


class SafeCheckpointIO(CheckpointIO):
    """Lightning plugin: atomic, verified checkpoints of plain data (`weights_only=True`)."""

    def save_checkpoint(
        self, checkpoint: dict[str, Any], path: str | Path, storage_options: Any = None
    ) -> None:
        """Write a checkpoint; whatever had this name before stays whole until the new one is.

        Raises:
            RunError: If it cannot be written, a full disk for example.
        """
        path, buffer = Path(path), BytesIO()
        torch.save(checkpoint, buffer)
        digest = hashlib.sha256(buffer.getbuffer()).hexdigest()
        with replacing(path) as file:
            file.write(buffer.getbuffer())
            # Both digests count until the new file has its name: a kill leaves a valid pair.
            _write_digests(path, [digest, *_digests(path)])
        _write_digests(path, [digest])

    def load_checkpoint(
        self, path: str | Path, map_location: Any = None, weights_only: bool | None = None
    ) -> Any:
        """Read a checkpoint after checking its digest.

        Raises:
            InputError: If the file is missing, torn or altered, or holds more than plain data.
        """
        return read_checkpoint(Path(path), map_location=map_location or "cpu")

    def remove_checkpoint(self, path: str | Path) -> None:
        """Remove a checkpoint and its digest."""
        for file in (Path(path), _sidecar(Path(path))):
            file.unlink(missing_ok=True)


def read_checkpoint(path: Path, map_location: Any = "cpu") -> dict[str, Any]:
    """Return a checkpoint's content after checking its digest, if it has one.

    Raises:
        InputError: If the file is missing, torn or altered, or is no checkpoint.
    """
    problem = problem_with(path)
    if problem:
        raise InputError(f"checkpoint {path}: {problem}")
    try:
        content = torch.load(path, map_location=map_location, weights_only=True)
    except Exception as error:  # torch raises half a dozen unrelated types for foreign files
        expected = "expected a PyTorch checkpoint of plain data"
        raise InputError(f"checkpoint {path}: {expected}, got {first_line(error)}") from error
    if not isinstance(content, dict) or "state_dict" not in content:
        raise InputError(f"checkpoint {path}: expected a Lightning checkpoint with a 'state_dict'")
    return content


def problem_with(path: Path) -> str:
    """Return in words why this checkpoint must not be loaded; nothing if it may be."""
    if not path.is_file():
        return "the file is missing"
    if path.stat().st_size == 0:
        return "the file is empty"
    known = _digests(path)
    if known and _digest(path) not in known:
        return "its content differs from its digest (torn or altered)"
    return ""


def newest_valid(folder: Path, pattern: str) -> Path:
    """Return the newest whole checkpoint of a folder; names the ones that it had to pass over.

    Args:
        folder: Where to look.
        pattern: Glob of file names that sort by age.

    Raises:
        InputError: If there is none; training never starts afresh on its own.
    """
    names = {
        path.name.removesuffix(".sha256")
        for path in folder.glob(f"{pattern}*")
        if path.name[0] != "."
    }
    for name in sorted(names, reverse=True):
        problem = problem_with(folder / name) or _missing_digest(folder / name)
        if not problem:
            return folder / name
        rank_zero_warn(f"checkpoint {folder / name} passed over: {problem}")
    found = f"{len(names)} damaged ones" if names else "none"
    raise InputError(f"{folder}: expected a whole checkpoint to resume from, got {found}")


def _missing_digest(path: Path) -> str:
    return "" if _digests(path) else "its digest file is missing"


def _write_digests(path: Path, digests: list[str]) -> None:
    replace_text(_sidecar(path), "".join(f"{digest}  {path.name}\n" for digest in digests))


def _digests(path: Path) -> list[str]:
    sidecar = _sidecar(path)
    return (
        [line.split()[0] for line in sidecar.read_text().splitlines() if line]
        if sidecar.is_file()
        else []
    )


def _sidecar(path: Path) -> Path:
    return path.with_name(f"{path.name}.sha256")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
