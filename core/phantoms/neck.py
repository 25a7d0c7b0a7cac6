"""Sweeps over simulated necks with the brachial plexus outlined, and labels that may be wrong.

Shaped like the nerve set of the 2016 Kaggle challenge: 47 necks of 120 frames, in 41 % of which
the plexus is in view; neighbours are near-duplicates; some visible plexuses are labelled absent.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.checks import require
from core.phantoms.bmode import Bytes
from core.phantoms.neck_subject import NeckSubject, draw_subject

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
VISIBLE_SHARE = 0.41  # of all frames
SPEED_MM = 0.25  # the probe's way from one frame to the next
_STAYS, _OUTLINE = 1, 2  # random streams apart from those of the subjects


@dataclass(frozen=True)
class NeckFrame:
    """One frame; all uint8 (rows, columns).

    Attributes:
        image: Grey levels.
        mask: The label as given, 1 = plexus; empty where the label is wrong.
        truth: The label as it should be.
    """

    image: Bytes
    mask: Bytes
    truth: Bytes


class NeckScene:
    """A set of sweeps over the necks of several subjects; `scene[i]` renders frame i.

    A frame depends on the arguments and its index alone, never on what was rendered before.

    Args:
        subjects: Number of necks.
        frames: Frames in each sweep.
        size: Rows and columns.
        depth_mm: Depth of the image; pixels are square, so the width follows from the size.
        wrong_labels: Share, 0 to 1, of the frames with a plexus that are labelled as empty.
        seed: Of everything.

    Attributes:
        spacing_mm: Side of a pixel.
        subject: Subject of each frame, int (n,).
        frame: Place of each frame in its sweep, int (n,).
        visible: Whether the plexus is in view, bool (n,); in one run of frames a subject.
        wrong: Whether the label is wrong, bool (n,).

    Raises:
        InputError: If an argument is out of range.
    """

    def __init__(
        self,
        *,
        subjects: int = 47,
        frames: int = 120,
        size: tuple[int, int] = (210, 290),
        depth_mm: float = 30.0,
        wrong_labels: float = 0.0,
        seed: int = 0,
    ) -> None:
        require(subjects >= 1, "subjects", "at least 1", subjects)
        require(frames >= 1, "frames", "at least 1", frames)
        require(len(size) == 2 and min(size) >= 32, "size", "rows and columns, each >= 32", size)
        require(depth_mm > 0, "depth_mm", "a positive number", depth_mm)
        require(0 <= wrong_labels <= 1, "wrong_labels", "a share from 0 to 1", wrong_labels)
        require(seed >= 0, "seed", "0 or more", seed)
        self.seed, self.size = seed, (int(size[0]), int(size[1]))
        self.spacing_mm = depth_mm / size[0]
        self.subject = np.repeat(np.arange(subjects), frames)
        self.frame = np.tile(np.arange(frames), subjects)
        rng = np.random.default_rng((seed, 0, _STAYS))
        self._first, self._last = _stays(rng, subjects, frames)
        first, last = self._first[self.subject], self._last[self.subject]
        self.visible: Bools = (first <= self.frame) & (self.frame <= last)
        self.wrong = _some_of(rng, self.visible, wrong_labels)
        self._drawn: dict[int, NeckSubject] = {}

    def __len__(self) -> int:
        return len(self.frame)

    def __getitem__(self, index: int) -> NeckFrame:
        """Render the frame of this index.

        Raises:
            InputError: If there is no such frame.
        """
        require(0 <= index < len(self), "index", f"0 to {len(self) - 1}", index)
        subject = self._draw(int(self.subject[index]))
        sweep_mm = SPEED_MM * float(self.frame[index])
        truth = np.zeros(self.size, np.uint8)
        if self.visible[index]:
            truth = subject.outline(sweep_mm, np.random.default_rng((self.seed, index, _OUTLINE)))
        mask = np.zeros_like(truth) if self.wrong[index] else truth.copy()
        return NeckFrame(subject.image(sweep_mm, self._clarity(index)), mask, truth)

    def _draw(self, number: int) -> NeckSubject:
        if number not in self._drawn:
            self._drawn[number] = draw_subject((self.seed, number), self.size, self.spacing_mm)
        return self._drawn[number]

    def _clarity(self, index: int) -> float:
        """How clearly the plexus shows: it comes and goes at the ends of its stay."""
        if not self.visible[index]:
            return 0.0
        frame, subject = self.frame[index], self.subject[index]
        margin = min(frame - self._first[subject], self._last[subject] - frame)
        return min(1.0, 0.5 + 0.1 * float(margin))


def _stays(rng: np.random.Generator, subjects: int, frames: int) -> tuple[Ints, Ints]:
    """First and last frame with a plexus for each subject; last < first where it is never seen.

    Stays are spread evenly from none to twice VISIBLE_SHARE of the sweep over the subjects, so that
    small sets come close to the share too.
    """
    shares = 2 * VISIBLE_SHARE * (rng.permutation(subjects) + 0.5) / subjects
    stays = np.rint(shares * frames).astype(np.int64)
    first = rng.integers(0, frames - stays + 1)
    return first, first + stays - 1


def _some_of(rng: np.random.Generator, candidates: Bools, share: float) -> Bools:
    """Mark this share of the candidates, rounded to a whole number of them."""
    order = rng.permutation(np.flatnonzero(candidates))
    chosen = np.zeros_like(candidates)
    chosen[order[: round(share * len(order))]] = True
    return chosen
