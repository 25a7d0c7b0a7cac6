"""Body markers that the user brings: a folder of PNG files."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from PIL import Image

from core.annotations.icons import Palette
from core.annotations.kind import Bytes
from core.checks import InputError, require
from core.files import printable

_KEPT: Final = 512


@dataclass(frozen=True, eq=False)
class Picture:
    """A body marker with colours of its own.

    Attributes:
        rgba: Red, green and blue times opacity, and opacity (h, w, 4) uint8.
    """

    rgba: Bytes

    def painted(self, size: int, palette: Palette) -> Bytes:
        """Return it `size` pixels high or wide, whichever is more (h, w, 4); keeps its colours."""
        return _resized(self, size)


def read_pictures(folder: Path) -> tuple[Picture, ...]:
    """Read all PNG files of a folder, in the order of their names.

    Where a file has no transparency, its black pixels are transparent.

    Raises:
        InputError: If there is no such folder, no PNG file in it, or one cannot be read or shows
            nothing.
    """
    subject = f"icons folder {printable(folder)}"
    require(folder.is_dir(), subject, "a folder", "nothing of that name")
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() == ".png")
    require(paths, subject, "at least one .png file", "none")
    return tuple(Picture(_read(path)) for path in paths)


def _read(path: Path) -> Bytes:
    try:
        with Image.open(path, formats=["PNG"]) as image:
            has_alpha = image.has_transparency_data
            rgba = np.array(image.convert("RGBA"))
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise InputError(f"{printable(path)}: expected a whole PNG file ({error})") from error
    if not has_alpha:
        rgba[..., 3] = np.where(rgba[..., :3].any(axis=-1), 255, 0)
    require(rgba[..., 3].any(), printable(path), "a picture", "nothing but transparent pixels")
    rgba[..., :3] = np.rint(rgba[..., :3] / 255.0 * rgba[..., 3:])
    return rgba


@lru_cache(maxsize=_KEPT)
def _resized(picture: Picture, size: int) -> Bytes:
    height, width = picture.rgba.shape[:2]
    scale = size / max(height, width)
    extent = max(round(width * scale), 1), max(round(height * scale), 1)
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture.rgba, extent, interpolation=how), np.uint8)
