"""Sweeps over simulated necks with the brachial plexus outlined, and labels that may be wrong."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from core.checks import require
from core.phantoms.bmode import Floats, Scanner, amplitude, transmission
from core.phantoms.neck_anatomy import BASE_DB, REACH_MM, Anatomy, draw_neck
from core.phantoms.sketch import COARSE, STEP_MM, Maps
from core.phantoms.speckle import scatterers

Bytes = npt.NDArray[np.uint8]
VISIBLE_SHARE = 0.41  # of the frames of the Kaggle set
SPEED_MM = 0.25  # the probe's way from one frame to the next
SLICE_MM = 1.0  # thickness of the imaged slice: speckle is new after this way
LOOKS = 2
_GRAIN_MM, _FIBRE_MM = 0.35, 1.2  # cell of the tissue's texture, down and across


@dataclass(frozen=True)
class NeckFrame:
    """One frame; all (rows, columns) uint8.

    Attributes:
        image: Grey levels.
        mask: The label as given, 1 = plexus; empty where the label is wrong.
        truth: The label as it should be.
    """

    image: Bytes
    mask: Bytes
    truth: Bytes


@dataclass(frozen=True)
class _Subject:
    """What stays the same through a sweep."""

    anatomy: Anatomy
    scanner: Scanner
    texture: Floats
    phases: npt.NDArray[np.float64]
    side: int


class NeckScene:
    """A set of sweeps over the necks of several subjects.

    Args:
        subjects: Number of necks.
        frames: Frames in each sweep; neighbours are near-duplicates.
        size: Rows and columns.
        depth_mm: Depth of the image; pixels are square, so the width follows.
        wrong_labels: Share of the frames with a plexus that are labelled as empty.
        seed: Of everything.

    Attributes:
        subject: Subject of each frame, (n,).
        frame: Place of each frame in its sweep, (n,).
        visible: Whether the plexus is in view, (n,) bool.
        wrong: Whether the label is wrong, (n,) bool.
        spacing_mm: Side of a pixel.

    Raises:
        InputError: If an argument is out of its range.
    """

    def __init__(
        self, *, subjects: int = 47, frames: int = 120, size: tuple[int, int] = (210, 290), depth_mm: float = 30.0,
        wrong_labels: float = 0.0, seed: int = 0,
    ) -> None:  # fmt: skip
        require(subjects >= 1, "subjects", "at least 1", subjects)
        require(frames >= 1, "frames", "at least 1", frames)
        require(len(size) == 2 and min(size) >= 32, "size", "rows and columns of at least 32", size)
        require(depth_mm > 0, "depth_mm", "a positive number", depth_mm)
        require(0 <= wrong_labels <= 1, "wrong_labels", "a share between 0 and 1", wrong_labels)
        require(seed >= 0, "seed", "a non-negative integer", seed)
        self.size, self.seed = size, seed
        self.spacing_mm = depth_mm / size[0]
        self.subject = np.repeat(np.arange(subjects), frames)
        self.frame = np.tile(np.arange(frames), subjects)
        rng = np.random.default_rng(seed)
        self._start, self._stop = _windows(rng, subjects, frames)
        self.visible = (self.frame >= self._start[self.subject]) & (self.frame < self._stop[self.subject])
        self.wrong = _wrong(rng, self.visible, wrong_labels)
        self._subjects: dict[int, _Subject] = {}

    def __len__(self) -> int:
        return len(self.frame)

    def __getitem__(self, index: int) -> NeckFrame:
        """Render a frame; the same for the same arguments, index and nothing else."""
        require(0 <= index < len(self), "index", f"0 to {len(self) - 1}", index)
        subject = self._subject(int(self.subject[index]))
        sweep_mm = SPEED_MM * float(self.frame[index])
        place = self._placer(subject, sweep_mm)
        image = self._render(subject, index, sweep_mm, place)
        truth = np.zeros(self.size, np.uint8)
        if self.visible[index]:
            contour = subject.anatomy.contour + np.float32(sweep_mm) * subject.anatomy.drift
            outline = place(_redrawn(contour, np.random.default_rng([self.seed, index])))
            cv2.fillPoly(truth, [(outline * 16).astype(np.int32)], 1, shift=4)
        mask = np.zeros_like(truth) if self.wrong[index] else truth.copy()
        return NeckFrame(image, mask, truth)
