"""Cines as folders of numbered images, and single images as cines of one frame."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from core.checks import require
from core.cines.cine import Cine
from core.dicom.pixels import Pixels, luma, to_bytes
from core.files import printable
from core.pictures import COLOUR_MODES, DEEP_MODES, SUFFIXES, opened, shallow_pixels

_NUMBER: Final = re.compile(r"\d+(?=\D*$)")


class PictureCine(Cine):
    """A folder of numbered frames, all of one size, or a single image.

    Frames count as colour if one of them is stored so. Transparency is dropped; of 16-bit grey,
    65535 is white.

    Args:
        path: An image, or a folder whose images' names differ in their last number only.
        grey: Whether frames come as grey levels whatever their colours.

    Raises:
        InputError: If there is no image, one is damaged in its head or of another size, or has
            several pages.
    """

    def __init__(self, path: Path, *, grey: bool = False) -> None:
        self.name = printable(path.name)
        self._files = _numbered(path, self.name) if path.is_dir() else [path]
        self.frames = len(self._files)
        heads = [_head(file) for file in self._files]
        for file, (size, _, _) in zip(self._files, heads, strict=True):
            expected = "{}x{} pixels like the first frame".format(*heads[0][0])
            require(size == heads[0][0], printable(file.name), expected, "{}x{}".format(*size))
        self.size, _, self.encoding = heads[0]
        self.colour = not grey and any(mode in COLOUR_MODES for _, mode, _ in heads)

    def _read(self, index: int) -> Pixels:
        subject = printable(self._files[index].name)
        with opened(self._files[index], subject) as picture:
            pixels = _pixels(picture, subject)
        if self.colour:
            return pixels if pixels.ndim == 3 else np.repeat(pixels[..., np.newaxis], 3, axis=2)
        return luma(pixels) if pixels.ndim == 3 else pixels


def are_frames(paths: Iterable[Path]) -> bool:
    """Return whether files are the frames of one cine: images named alike but for a number."""
    names = [path.name for path in paths]
    stems = {_NUMBER.sub("#", name) for name in names}
    return len(names) > len(stems) == 1 and Path(names[0]).suffix.lower() in SUFFIXES


def _numbered(folder: Path, subject: str) -> list[Path]:
    """Return the images of a folder in the order of their numbers."""
    visible = (file for file in folder.iterdir() if not file.name.startswith("."))
    files = [file for file in visible if file.suffix.lower() in SUFFIXES]
    expected = "a folder of images whose names differ in a number only"
    fits = len(files) == 1 or are_frames(files)
    require(fits, subject, expected, f"{len(files)} images" if files else "no image")
    return sorted(files, key=lambda file: int((_NUMBER.findall(file.name) or [0])[-1]))


def _head(file: Path) -> tuple[tuple[int, int], str, str]:
    """Return rows and columns, mode and format."""
    with opened(file, printable(file.name)) as picture:
        return (picture.height, picture.width), picture.mode, str(picture.format)


def _pixels(picture: Image.Image, subject: str) -> Pixels:
    if picture.mode in DEEP_MODES:
        return to_bytes(np.asarray(picture), 65535.0, subject)
    return shallow_pixels(picture, subject)
