"""A folder of images without masks, to predict on."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from tqdm import tqdm

from core.checks import InputError, require
from core.data.files import printable
from core.data.images import SUFFIXES, read_image
from core.data.sources.base import FileSource, require_folder, some


class ImageFolder(FileSource):
    """Every readable image file of a folder and its sub-folders, in order of their names.

    Each file is read once here, so that a torn one is passed over now instead of ending a prediction half-way.
    Hidden files are ignored. Each image counts as a subject of its own.

    Args:
        root: The folder.
        white_level: Value that becomes white, for images deeper than 8 bits.

    Attributes:
        skipped: File (path inside the folder) and reason, for each that was passed over.

    Raises:
        InputError: If the folder is missing or holds no readable image.
    """

    def __init__(self, root: Path | str, *, white_level: float | None = None) -> None:
        root = Path(root)
        require_folder(root, "root")
        self.skipped: dict[str, str] = {}
        images = []
        for path in tqdm(_files(root), desc="reading images", unit="image", delay=1, leave=False):
            reason = _problem(path, white_level)
            if reason:
                self.skipped[printable(path.relative_to(root).as_posix())] = reason
            else:
                images.append(path)
        require(images, "root", "a folder with readable images", self._emptiness())
        ids = [printable(path.relative_to(root).as_posix()) for path in images]
        super().__init__(pd.DataFrame({"id": ids, "subject": ids}), images, white_level=white_level)

    def _emptiness(self) -> str:
        if not self.skipped:
            return "an empty one"
        return f"{len(self.skipped)} others: {some(list(self.skipped.values()), 3)}"


def _files(root: Path) -> list[Path]:
    """Return all files below, except hidden ones and those in hidden folders."""
    found = (path for path in root.rglob("*") if path.is_file())
    return sorted(path for path in found if not any(part[0] == "." for part in path.relative_to(root).parts))


def _problem(path: Path, white_level: float | None) -> str:
    """Return why this file is no image to predict on; nothing if it is one."""
    if path.suffix.lower() not in SUFFIXES:
        return f"{printable(path.name)}: no image by its name"
    try:
        read_image(path, white_level=white_level)
    except InputError as error:
        return str(error)
    return ""
