"""A tracked sweep: two-dimensional frames, each with its place in space.

The file format is the PLUS toolkit's sequence file: a MetaImage whose slices are frames and whose
header gives the transforms of each (Lasso et al., IEEE TBME 61(10):2527, 2014).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.checks import require
from core.files import printable
from core.sweeps.metaimage import MetaImage
from core.sweeps.transforms import Matrix, Names, along, matrix_of, names_of, route

Clip = tuple[int, int, int, int]
_FIELD = re.compile(r"Seq_Frame(\d{1,9})_(\w+)")


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """Frames with a valid pose; pixel x runs to the marked side, y away from the transducer.

    Attributes:
        frames: (F, H, W) uint8, every frame of the file.
        used: (N,) the frames that have a valid pose.
        to_mm: (N, 4, 4) their transforms from (column, row, 0, 1) to millimetres.
        clip: Left column, top row, width and height of what is tissue, in pixels.
        route: The frames of reference passed, from Image to that of the millimetres.
    """

    frames: npt.NDArray[np.uint8]
    used: npt.NDArray[np.intp]
    to_mm: npt.NDArray[np.float64]
    clip: Clip
    route: tuple[str, ...]

    def points_mm(self, across: float, down: float) -> npt.NDArray[np.float64]:
        """Return a place of the clip rectangle in every frame.

        Args:
            across: Where between its left (0) and right (1) edge.
            down: Where between its top (0) and bottom (1) edge.

        Returns:
            (N, 3) in mm.
        """
        left, top, width, height = self.clip
        pixel = (left + across * (width - 1), top + down * (height - 1), 0, 1)
        points: npt.NDArray[np.float64] = self.to_mm @ np.array(pixel)
        return points[:, :3]


def is_sweep(image: MetaImage) -> bool:
    """Return whether the file holds frames with fields of their own, rather than a volume."""
    return any(key.startswith("Seq_Frame") for key in image.header)


def sweep_of(
    image: MetaImage,
    *,
    calibration: Mapping[Names, Matrix] | None = None,
    reference: str = "",
    orientation: str = "",
    clip: Clip | None = None,
) -> Sweep:
    """Take a sweep's frames and their places out of its file.

    Args:
        image: The file.
        calibration: Transforms that hold for every frame, such as ImageToProbe.
        reference: Frame of reference of the millimetres; by default Reference, the marker that
            moves with the patient, and Tracker where the file has none.
        orientation: Directions of pixel x and y, if the file is wrong about them: M or U (to the
            marked or unmarked side), then F or N (far from or near to the transducer).
        clip: Left column, top row, width and height of what is tissue, once the frames are turned
            upright; by default what is not black in every frame.

    Raises:
        InputError: If the file is no sweep of 8-bit B-mode frames, no known transforms lead from
            its pixels to the reference, or fewer than two frames have a valid pose.
    """
    require(is_sweep(image), image.name, "a sweep, its header with the pose of each frame")
    require(image.values.dtype == np.uint8, image.name, "8-bit frames", str(image.values.dtype))
    kind = image.header.get("UltrasoundImageType", "BRIGHTNESS")
    require(kind == "BRIGHTNESS", image.name, "UltrasoundImageType BRIGHTNESS", printable(kind))
    frames = _upright(image, orientation)
    way, found = _places(image, dict(calibration or {}), reference)
    used = np.array(sorted(found), np.intp)
    got = f"{len(used)} of {len(frames)}"
    require(len(used) >= 2, image.name, "at least 2 frames with a valid pose", got)
    to_mm = np.stack([found[int(index)] for index in used])
    clip = _lit(frames, used, image.name) if clip is None else _checked(clip, frames)
    return Sweep(frames=frames, used=used, to_mm=to_mm, clip=clip, route=tuple(way))


def _upright(image: MetaImage, orientation: str) -> npt.NDArray[Any]:
    """Turn frames so that x runs to the marked side and y away from the transducer (MF).

    Transforms always speak of upright frames. A third letter, for volumes, is of no concern here.
    """
    stated = orientation or image.header.get("UltrasoundImageOrientation", "MF")
    known = len(stated) >= 2 and stated[0] in "MU" and stated[1] in "FN"
    require(known, image.name, "image orientation MF, MN, UF or UN", printable(stated))
    return image.values[:, :: -1 if stated[1] == "N" else 1, :: -1 if stated[0] == "U" else 1]


def _places(
    image: MetaImage, calibration: dict[Names, Matrix], reference: str
) -> tuple[list[str], dict[int, Matrix]]:
    """Return the way from pixels to millimetres, and its transform for each frame that has one."""
    fields = _frame_fields(image)
    known = {names for frame in fields.values() for word in frame if (names := _transform(word))}
    ends = {name for names in known for name in names}
    target = reference or ("Reference" if "Reference" in ends else "Tracker")
    way = route(known | calibration.keys(), "Image", target)
    there = ", ".join(sorted("To".join(names) for names in known | calibration.keys())) or "none"
    expected = f"transforms from Image to {printable(target)} (a calibration gives ImageToProbe)"
    require(way, image.name, expected, printable(there))
    places = {}
    for index, frame in fields.items():
        if index < len(image.values) and frame.get("ImageStatus", "OK") == "OK":
            place = along(way or [], calibration | _valid(frame, f"{image.name}, frame {index}"))
            if place is not None:
                places[index] = place
    return way or [], places


def _frame_fields(image: MetaImage) -> dict[int, dict[str, str]]:
    fields: dict[int, dict[str, str]] = {}
    for key, value in image.header.items():
        if match := _FIELD.fullmatch(key):
            fields.setdefault(int(match.group(1)), {})[match.group(2)] = value
    return fields


def _transform(word: str) -> Names | None:
    """Return the names in a field such as ProbeToTrackerTransform."""
    return names_of(word.removesuffix("Transform")) if word.endswith("Transform") else None


def _valid(frame: dict[str, str], subject: str) -> dict[Names, Matrix]:
    """Return the transforms that the tracker vouches for; without a status they count as valid."""
    return {
        names: matrix_of(value, f"{subject}: {word}")
        for word, value in frame.items()
        if (names := _transform(word)) and frame.get(f"{word}Status", "OK") == "OK"
    }


def _lit(frames: npt.NDArray[Any], used: npt.NDArray[np.intp], name: str) -> Clip:
    """Return the rectangle that holds everything that is not black in all frames."""
    brightest = np.zeros(frames.shape[1:], np.uint8)
    for index in used:
        np.maximum(brightest, frames[index], out=brightest)
    rows, columns = (np.flatnonzero(brightest.any(axis=axis)) for axis in (1, 0))
    require(len(rows), name, "frames that are not all black", "nothing but 0")
    left, top = int(columns[0]), int(rows[0])
    return left, top, int(columns[-1]) - left + 1, int(rows[-1]) - top + 1


def _checked(clip: Clip, frames: npt.NDArray[Any]) -> Clip:
    left, top, width, height = clip
    rows, columns = frames.shape[1:]
    fits = min(left, top) >= 0 and min(width, height) > 1
    fits = fits and left + width <= columns and top + height <= rows
    expected = f"left, top, width, height inside {columns} x {rows} pixels"
    require(fits, "clip", expected, " ".join(map(str, clip)))
    return clip
