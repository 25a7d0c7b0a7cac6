"""Cines: moving images from DICOM files, video files and folders of frames, frame by frame."""

from core.cines.cine import Cine
from core.cines.find import find_cines, open_cine

__all__ = ["Cine", "find_cines", "open_cine"]
