"""A folder of images without masks, to predict on."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from tqdm import tqdm

from core.checks import InputError, require
from core.data.images import SUFFIXES, read_image
from core.data.sources.base import FileSource, require_folder, some
from core.files import printable


class ImageFolder(FileSource):
    """Every readable image file of a folder and its sub-folders, in order of their names.

    Each file is read once here, so that a torn one is passed over now instead of ending a
    prediction half-way. Hidden files are ignored. Each image counts as a subject of its own.

    Args:
        root: The folder.
        white_level: Value that becomes white, for images deeper than 8 bits.

    Attributes:
        skipped: The reason by file (its path inside the folder), for each that was passed over.

    Raises:
        InputError: If the folder is missing or holds no readable image.
    """

    def __init__(self, root: Path | str, *, white_level: float | None = None) -> None:
        root = Path(root)
        require_folder(root, "root")
        self.skipped: dict[str, str] = {}
        images, ids = [], []
        for path in tqdm(_files(root), desc="reading images", unit="image", delay=1, leave=False):
            name = printable(path.relative_to(root).as_posix())
            if reason := _problem(path, white_level):
                self.skipped[name] = reason
            else:
                images.append(path)
                ids.append(name)
        require(images, "root", "a folder with readable images", self._emptiness())
        table = pd.DataFrame({"id": ids, "subject": ids})
        super().__init__(table, images, white_level=white_level)

    def _emptiness(self) -> str:
        reasons = [f"{name}: {reason}" for name, reason in self.skipped.items()]
        return f"only others ({some(reasons, 3)})" if reasons else "an empty one"


def _files(root: Path) -> list[Path]:
    """Return all files below, except hidden ones and those in hidden folders."""
    files = (path for path in root.rglob("*") if path.is_file())
    return sorted(path for path in files if "/." not in f"/{path.relative_to(root).as_posix()}")


def _problem(path: Path, white_level: float | None) -> str:
    """Return why this file is no image to predict on; nothing if it is one."""
    if path.suffix.lower() not in SUFFIXES:
        return "no image by its name"
    try:
        read_image(path, white_level=white_level)
    except InputError as error:
        return str(error)
    return ""
