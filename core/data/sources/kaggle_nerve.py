"""The Kaggle ultrasound nerve segmentation set: 47 subjects, about 120 frames of the neck each."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from core.checks import require
from core.data.sources.base import FileSource, require_folder, some

_NAME = re.compile(r"(\d+)_(\d+)(_mask)?\.tif", re.ASCII)


class KaggleNerve(FileSource):
    """Frames `subject_n.tif` with masks `subject_n_mask.tif`, as in the competition's folder `train`.

    The files are 8-bit grey, 420 rows and 580 columns; masks are 0 and 255, all 0 where no nerve was seen.
    The spacing of the pixels was not published. Columns of the table: id, subject, frame.

    Args:
        root: The folder that the files lie in.

    Raises:
        InputError: If the folder is missing or holds no such files, or a frame or mask lacks its partner.
    """

    def __init__(self, root: Path | str) -> None:
        root = Path(root)
        require_folder(root, "root")
        found = [match for path in root.iterdir() if (match := _NAME.fullmatch(path.name))]
        frames = sorted((int(m[1]), int(m[2]), f"{m[1]}_{m[2]}") for m in found if not m[3])
        ids = [name for _, _, name in frames]
        require(ids, "root", "files named subject_n.tif, such as 1_1.tif", _what_else(root))
        orphans = sorted({f"{m[1]}_{m[2]}" for m in found if m[3]} - set(ids))
        require(not orphans, "root", "a frame for every mask", f"none for {some([f'{i}_mask.tif' for i in orphans])}")
        table = pd.DataFrame(
            {"id": ids, "subject": [name.split("_")[0] for name in ids], "frame": [frame for _, frame, _ in frames]}
        )
        super().__init__(table, [root / f"{name}.tif" for name in ids], [root / f"{name}_mask.tif" for name in ids])


def _what_else(root: Path) -> str:
    """Say what the folder holds instead, and where the files may be."""
    below = [path.name for path in root.iterdir() if path.is_dir() and next(path.glob("*_mask.tif"), None)]
    return f"none; they seem to be in its folder {some(below)}" if below else "none"
