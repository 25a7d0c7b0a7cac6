"""A folder of images without masks, to predict on."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from tqdm import tqdm

from core.checks import InputError, require
from core.data.images import read_image
from core.data.sources.base import FileSource, require_folder, some
from core.data.spacings import as_columns, file_spacing
from core.dicom.header import is_dicom
from core.dicom.spacing import Spacing
from core.files import printable
from core.pictures import SUFFIXES


class ImageFolder(FileSource):
    """Every readable image file of a folder and its sub-folders, in order of their names.

    DICOM files are found by their content, whatever they are called; of several frames the first
    is taken, and the pixel spacing that they state goes into the table. That of other files, whose
    resolution is a display value, is unknown.

    Each file is read once here, so that a torn one is passed over now instead of ending a
    prediction half-way. Hidden files are ignored. Each image counts as a subject of its own.

    Args:
        root: The folder.
        white_level: Value that becomes white, for images deeper than 8 bits.
        spacing_mm: Side of a pixel in mm, of the images that do not state it themselves.

    Attributes:
        skipped: The reason by file (its path inside the folder), for each that was passed over.

    Raises:
        InputError: If the folder is missing or holds no readable image.
    """

    def __init__(
        self,
        root: Path | str,
        *,
        white_level: float | None = None,
        spacing_mm: float | None = None,
    ) -> None:
        require(spacing_mm is None or spacing_mm > 0, "spacing_mm", "a positive number", spacing_mm)
        root = Path(root)
        require_folder(root, "root")
        self.skipped: dict[str, str] = {}
        images, ids, found = [], [], []
        for path in tqdm(_files(root), desc="reading images", unit="image", delay=1, leave=False):
            name = printable(path.relative_to(root).as_posix())
            try:
                found.append(_look_at(path, white_level))
            except InputError as error:
                self.skipped[name] = str(error)
                continue
            images.append(path)
            ids.append(name)
        require(images, "root", "a folder with readable images", self._emptiness())
        table = pd.DataFrame({"id": ids, "subject": ids}).join(as_columns(found))
        if spacing_mm is not None:
            table = table.fillna({"spacing_row_mm": spacing_mm, "spacing_col_mm": spacing_mm})
        super().__init__(table, images, white_level=white_level)

    def _emptiness(self) -> str:
        reasons = [f"{name}: {reason}" for name, reason in self.skipped.items()]
        return f"only others ({some(reasons, 3)})" if reasons else "an empty one"


def _files(root: Path) -> list[Path]:
    """Return all files below, except hidden ones and those in hidden folders."""
    files = (path for path in root.rglob("*") if path.is_file())
    return sorted(path for path in files if "/." not in f"/{path.relative_to(root).as_posix()}")


def _look_at(path: Path, white_level: float | None) -> Spacing:
    """Read an image once, and return the spacing in tissue that it states.

    Raises:
        InputError: If this file is no image to predict on.
    """
    dicom = is_dicom(path)
    if not dicom and path.suffix.lower() not in SUFFIXES:
        raise InputError("no image by its name")
    read_image(path, white_level=white_level)
    return file_spacing(path) if dicom else Spacing.unknown("its resolution is a display value")
