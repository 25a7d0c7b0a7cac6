"""Sweeps over simulated necks with the brachial plexus outlined, and labels that may be wrong."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from core.checks import require
from core.phantoms.bmode import Floats, Scanner, transmission
from core.phantoms.motion import MOST_SHIFT_MM, Motion
from core.phantoms.neck_anatomy import BASE_DB, Anatomy, draw_neck
from core.phantoms.sketch import COARSE, STEP_MM, Maps, encoded
from core.phantoms.speckle import scatterers

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]
Place = Callable[[Floats], Floats]
VISIBLE_SHARE = 0.41  # of the frames of the Kaggle set
SPEED_MM = 0.25  # the probe's way from one frame to the next
SLICE_MM = 1.0  # thickness of the imaged slice: speckle is new after this way


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
    texture: Bytes
    motion: Motion


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
        place = subject.motion.place(sweep_mm, self.size, self.spacing_mm)
        image = self._image(subject, index, sweep_mm, place)
        truth = np.zeros(self.size, np.uint8)
        if self.visible[index]:
            anatomy, rng = subject.anatomy, np.random.default_rng([self.seed, index])
            contour = _redrawn(anatomy.contour + np.float32(sweep_mm) * anatomy.drift, rng)
            cv2.fillPoly(truth, [(place(contour) * 16).astype(np.int32)], 1, shift=4)
        mask = np.zeros_like(truth) if self.wrong[index] else truth.copy()
        return NeckFrame(image, mask, truth)

    def _image(self, subject: _Subject, index: int, sweep_mm: float, place: Place) -> Bytes:
        maps = Maps.blank(self.size, BASE_DB)
        step_px = STEP_MM / self.spacing_mm
        subject.anatomy.tissue.paint(maps, place, sweep_mm=sweep_mm, step_px=step_px)
        if self.visible[index]:
            fade = self._fade(index)
            subject.anatomy.plexus.paint(maps, place, sweep_mm=sweep_mm, step_px=step_px, fade=fade)
        columns = round(subject.motion.shift_mm(sweep_mm) / self.spacing_mm)
        shift = -columns if subject.motion.mirrored else columns
        field = scatterers(
            self.size, (self.seed, int(self.subject[index])),
            elevation=sweep_mm / SLICE_MM, shift=shift,
        )  # fmt: skip
        coarse = transmission(maps.attenuation, COARSE * self.spacing_mm)
        passed = cv2.resize(coarse, self.size[::-1], interpolation=cv2.INTER_LINEAR)
        left = _margin_px(self.spacing_mm) - shift
        tissue = maps.tissue(subject.texture[:, left : left + self.size[1]])
        return subject.scanner.image(tissue, field, maps.reflectors, passed)

    def _fade(self, index: int) -> float:
        """Sharpness of the plexus, which comes and goes at the ends of its stay."""
        subject, frame = self.subject[index], self.frame[index]
        inside = min(frame - self._start[subject], self._stop[subject] - 1 - frame)
        return float(min(1.0, 0.5 + 0.1 * inside))

    def _subject(self, number: int) -> _Subject:
        if number not in self._subjects:
            self._subjects[number] = _draw_subject(self.seed, number, self.size, self.spacing_mm)
        return self._subjects[number]


def _draw_subject(seed: int, number: int, size: tuple[int, int], spacing_mm: float) -> _Subject:
    rng = np.random.default_rng([seed, number])
    scanner = Scanner(
        spacing_mm=spacing_mm, focus_mm=rng.uniform(8, 20), dynamic_range_db=rng.uniform(72, 84),
        gain_db=rng.uniform(0, 8), residual_db_cm=rng.uniform(2, 7), noise_db=rng.uniform(-75, -64),
        gamma=2.0, smoothing_mm=(0.08, 0.22),
    )  # fmt: skip
    motion = Motion(tuple(rng.uniform(0, 2 * math.pi, 6)), bool(rng.integers(2)))
    return _Subject(draw_neck(rng, size[1] * spacing_mm / 2 + 4), scanner, _draw_texture(rng, size, spacing_mm), motion)


def _draw_texture(rng: np.random.Generator, size: tuple[int, int], spacing_mm: float) -> Bytes:
    """Streaks and patches of tissue on the grid, with a margin for the probe to move over."""
    wide = size[0], size[1] + 2 * _margin_px(spacing_mm)
    texture = np.zeros(wide, np.float32)
    for spread_db, *cell_mm in ((3.0, 0.35, 1.8), (2.5, 3.0, 6.0)):
        cells = [max(2, round(side * spacing_mm / cell)) for side, cell in zip(wide, cell_mm, strict=True)]
        noise = rng.normal(0, spread_db, cells).astype(np.float32)
        texture += cv2.resize(noise, wide[::-1], interpolation=cv2.INTER_CUBIC)
    return encoded(texture)


def _margin_px(spacing_mm: float) -> int:
    return math.ceil(MOST_SHIFT_MM / spacing_mm) + 1


def _windows(rng: np.random.Generator, subjects: int, frames: int) -> tuple[Ints, Ints]:
    """First and one past the last frame with a plexus for each subject.

    The share of a sweep is spread evenly between 0 and twice VISIBLE_SHARE over the subjects, so that
    even a small set comes close to it.
    """
    shares = 2 * VISIBLE_SHARE * (rng.permutation(subjects) + 0.5) / subjects
    stay = np.rint(shares * frames).astype(int)
    start = rng.integers(0, frames - stay + 1)
    return start, start + stay


def _wrong(rng: np.random.Generator, visible: npt.NDArray[np.bool_], share: float) -> npt.NDArray[np.bool_]:
    """Pick exactly this share (rounded) of the visible frames."""
    candidates = rng.permutation(np.flatnonzero(visible))
    wrong = np.zeros_like(visible)
    wrong[candidates[: round(share * len(candidates))]] = True
    return wrong


def _redrawn(contour: Floats, rng: np.random.Generator) -> Floats:
    """A contour as an unsteady hand draws it: a little larger or smaller, a little off, a little dented."""
    turn = np.linspace(0, 2 * math.pi, len(contour), endpoint=False)
    size = 1 + rng.normal(0, 0.04)
    for order in (2, 3, 4):
        size = size + rng.normal(0, 0.02) * np.sin(order * turn + rng.uniform(0, 2 * math.pi))
    middle = contour.mean(0)
    drawn = middle + (contour - middle) * size[:, None] + rng.normal(0, 0.15, 2)
    return drawn.astype(np.float32)
