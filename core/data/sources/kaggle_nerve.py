"""The Kaggle ultrasound nerve segmentation set: 47 subjects, about 120 frames of the neck each."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from core.checks import require
from core.data.sources.base import FileSource, require_folder, some

_FILE = re.compile(r"(?P<id>(?P<subject>\d+)_(?P<frame>\d+))(?P<mask>_mask)?\.tif", re.ASCII)


class KaggleNerve(FileSource):
    """Frames `subject_n.tif` with masks `subject_n_mask.tif`: the competition's folder `train`.

    The files are 8-bit grey, 420 rows and 580 columns; masks are 0 and 255, all 0 where no nerve
    was seen. The spacing of the pixels was not published. Columns of the table: id, subject, frame.

    Args:
        root: The folder that the files lie in.

    Raises:
        InputError: If the folder is missing or holds no such files, or a frame or mask is without
            its partner.
    """

    def __init__(self, root: Path | str) -> None:
        root = Path(root)
        require_folder(root, "root")
        names = [match for path in root.iterdir() if (match := _FILE.fullmatch(path.name))]
        frames = sorted((m for m in names if not m["mask"]), key=_place)
        require(frames, "root", "files named subject_n.tif, such as 1_1.tif", _what_else(root))
        table = pd.DataFrame(
            {
                "id": [m["id"] for m in frames],
                "subject": [m["subject"] for m in frames],
                "frame": [int(m["frame"]) for m in frames],
            }
        )
        _require_frames({m["id"] for m in names if m["mask"]} - set(table["id"]))
        images = [root / f"{name}.tif" for name in table["id"]]
        super().__init__(table, images, [root / f"{name}_mask.tif" for name in table["id"]])


def _place(match: re.Match[str]) -> tuple[int, int, str]:
    return int(match["subject"]), int(match["frame"]), match["id"]


def _require_frames(orphans: set[str]) -> None:
    """Refuse masks without a frame."""
    missing = [f"{name}.tif" for name in sorted(orphans)]
    got = f"masks alone, {len(missing)} missing: {some(missing)}"
    require(not missing, "image files", "one for each mask", got)


def _what_else(root: Path) -> str:
    """Say that the folder holds none, and where they may be."""
    folders = (path for path in root.iterdir() if path.is_dir())
    likely = [path.name for path in folders if any(path.glob("*_mask.tif"))]
    return f"none; they seem to lie in its folder {some(likely)}" if likely else "none"
