"""Finding cines below a folder, and opening whatever kind of file one is."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from core.checks import require
from core.cines.cine import Cine
from core.cines.dicom import DicomCine
from core.cines.pictures import PictureCine, are_frames
from core.cines.video import VIDEOS, VideoCine
from core.dicom.header import is_dicom
from core.files import printable
from core.pictures import SUFFIXES

_TEXTS: Final = (".csv", ".json", ".md", ".txt", ".html", ".yaml")


def open_cine(path: Path, *, grey: bool = False) -> Cine:
    """Open a cine: what a file is, its content or its ending tells.

    Args:
        path: A DICOM file (under any name), an AVI, MP4, MOV or MKV file, a PNG, JPEG, TIFF or BMP
            image, or a folder of such images, the frames in the order of the numbers in their
            names.
        grey: Whether frames come as grey levels (H, W) whatever their colours: their luma
            (ITU-R BT.601), which of a JPEG is the one channel that has to be decoded.

    Raises:
        InputError: If it is missing, damaged, or none of these.
    """
    subject = printable(path.name)
    require(path.exists(), subject, "a file or folder", "nothing of that name")
    if path.is_dir() or path.suffix.lower() in SUFFIXES:
        return PictureCine(path, grey=grey)
    if path.suffix.lower() in VIDEOS:
        return VideoCine(path, grey=grey)
    require(is_dicom(path), subject, "a DICOM, video or image file", "something else")
    return DicomCine(path, grey=grey)


def find_cines(root: Path) -> list[Path]:
    """Return what may be a cine below a folder: files, and folders of numbered frames.

    Hidden files and folders are left out, and tables and texts. Images count as the frames of one
    cine if they are all that a folder holds and their names differ in a number only; else each is
    a still.

    Args:
        root: A folder, or a single file, which is returned as it is.

    Returns:
        Paths, sorted. Whether one can be read, `open_cine` tells.

    Raises:
        InputError: If there is nothing of that name.
    """
    require(root.exists(), printable(root), "a folder of cines", "nothing of that name")
    return sorted(_found(root))


def is_text(path: Path) -> bool:
    """Return whether it is a table or a text, which may lie beside cines and beside frames."""
    return path.suffix.lower() in _TEXTS and not path.is_dir()


def _left_out(path: Path) -> bool:
    """Return whether it is hidden, or a link to a folder, which could lead in circles."""
    return path.name.startswith(".") or (path.is_symlink() and path.is_dir())


def _found(path: Path) -> list[Path]:
    if not path.is_dir():
        return [] if is_text(path) else [path]
    inside = [entry for entry in path.iterdir() if not (_left_out(entry) or is_text(entry))]
    if are_frames(inside):
        return [path]
    return [cine for entry in inside for cine in _found(entry)]
