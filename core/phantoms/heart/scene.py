"""Cines of the hearts of several patients, each in all eight standard views."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
import numpy.typing as npt

from core.checks import require
from core.phantoms.bmode import Bytes
from core.phantoms.heart.cycle import ecg
from core.phantoms.heart.machines import MACHINES, HeartMachine
from core.phantoms.heart.model import Heart, draw_heart
from core.phantoms.heart.people import Person, draw_person
from core.phantoms.heart.scan import Scan
from core.phantoms.heart.screen import ECG_SAMPLES, ECG_SECONDS, Caption, canvas, draw_ecg
from core.phantoms.heart.views import VIEWS, draw_plane

Ints = npt.NDArray[np.int64]
_HEART, _PLANE, _SCAN, _PERSON = range(4)  # random streams


@dataclass(frozen=True)
class HeartFrame:
    """One frame.

    Attributes:
        image: As on the screen: uint8 (rows, columns, 3) RGB with graphics, (rows, columns)
            without.
    """

    image: Bytes


class HeartCine:
    """One cine; see `HeartScene` for the arguments.

    Args:
        key: (seed, patient, view, sequence of this view).
        machine: What it is recorded with.
        frames: Number of frames.
        scale: Of the screen's sides.
        graphics: Whether the screen shows more than the sector.

    Attributes:
        heart: The patient's heart.
        person: The made-up patient.
        view: Index into `VIEWS`.
        scan: Where the probe is held, and what it sees.
        fps: Frames a second.
        spacing_mm: Side of a pixel.
        region: First column, first row, last column and last row of the box around the sector.
    """

    def __init__(
        self,
        key: tuple[int, int, int, int],
        machine: HeartMachine,
        *,
        frames: int,
        scale: float,
        graphics: bool,
    ) -> None:
        self.machine, self.view, self._frames = machine, key[2], frames
        self._scale, self._graphics = scale, graphics
        self.heart: Heart = draw_heart(np.random.default_rng((_HEART, *key[:2])))
        self.person: Person = draw_person(np.random.default_rng((_PERSON, *key[:2])))
        plane = draw_plane(VIEWS[self.view], self.heart, np.random.default_rng((_PLANE, *key)))
        self.scan = Scan(self.heart, plane, machine, scale, (_SCAN, *key))
        self.fps = machine.fps
        self.spacing_mm = plane.depth_mm / machine.radius / scale
        x0, y0, x1, y1 = (round(side * scale) for side in machine.region)
        rows, columns = self.scan.sector.size
        self.region = x0, y0, min(x1, columns - 1), min(y1, rows - 1)

    def __len__(self) -> int:
        return self._frames

    @property
    def patient_name(self) -> str:
        """The made-up name that is burned in, "FAMILY^GIVEN"."""
        return self.person.name

    @property
    def frames(self) -> Bytes:
        """All frames, uint8 (frames, rows, columns, 3), RGB."""
        frames = [self.frame(number) for number in range(self._frames)]
        if not self._graphics:
            frames = [np.repeat(grey[..., None], 3, axis=2) for grey in frames]
        return np.stack(frames)

    def frame(self, number: int) -> Bytes:
        """Render a frame; see `HeartFrame.image`."""
        seconds = number / self.fps
        grey = self.scan.image(seconds, number)
        if not self._graphics:
            return grey
        image = np.asarray(cv2.max(self._canvas, cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB)))
        time = np.linspace(seconds - ECG_SECONDS, seconds, ECG_SAMPLES)
        phase = self.scan.phase + time * self.heart.rate_bpm / 60
        draw_ecg(image, self.machine, ecg(phase), self._scale)
        return image

    @cached_property
    def _canvas(self) -> Bytes:
        caption = Caption(
            name=self.person.name,
            number=self.person.number,
            date=self.person.date,
            site=self.person.site,
            rate_bpm=self.heart.rate_bpm,
            depth_mm=self.scan.plane.depth_mm,
        )
        return canvas(self.machine, caption, self._scale)


class HeartScene:
    """Cines of several patients in the eight standard views; `scene[i]` renders frame i.

    Every patient is scanned on one machine. A frame depends on the arguments and its index alone,
    never on what was rendered before, nor on how many patients, sequences or frames there are.
    Rows are ordered by patient, view, sequence and frame.

    Args:
        patients: Number of patients; they take turns on the machines.
        sequences: Cines of each view.
        frames: Frames in a cine.
        scale: Of the screens' sides, 0.1 to 1.
        machines: Names out of `MACHINES`.
        graphics: Whether the screen shows names, settings, scales and the ECG; without them
            frames are grey.
        seed: Of everything.

    Attributes:
        patient: Patient of each frame, int64 (n,).
        sequence: Number of its cine, unique over all.
        frame: Its place in the cine.
        view: Index into `VIEWS`.
        machine: Index into `machines`.
        machines: The names as given.

    Raises:
        InputError: If an argument is out of range.
    """

    def __init__(
        self,
        *,
        patients: int,
        sequences: int = 1,
        frames: int = 12,
        scale: float = 1.0,
        machines: Sequence[str] = tuple(MACHINES),
        graphics: bool = True,
        seed: int = 0,
    ) -> None:
        require(patients >= 1, "patients", "at least 1", patients)
        require(sequences >= 1, "sequences", "at least 1", sequences)
        require(frames >= 1, "frames", "at least 1", frames)
        require(0.1 <= scale <= 1, "scale", "0.1 to 1", scale)
        require(seed >= 0, "seed", "0 or more", seed)
        _require_machines(machines)
        self.machines, self.seed = tuple(machines), seed
        self._sequences, self._frames = sequences, frames
        self._scale, self._graphics = scale, graphics
        shape = patients, len(VIEWS), sequences, frames
        self.patient, self.view, _, self.frame = (
            axis.ravel() for axis in np.indices(shape, dtype=np.int64)
        )
        self.sequence: Ints = np.arange(len(self.frame), dtype=np.int64) // frames
        self.machine = self.patient % len(self.machines)
        self._drawn: tuple[int, HeartCine] | None = None

    def __len__(self) -> int:
        return len(self.frame)

    def __getitem__(self, index: int) -> HeartFrame:
        """Render the frame of this index.

        Raises:
            InputError: If there is no such frame.
        """
        require(0 <= index < len(self), "index", f"0 to {len(self) - 1}", index)
        return HeartFrame(self.cine(int(self.sequence[index])).frame(int(self.frame[index])))

    def cine(self, number: int) -> HeartCine:
        """Return the cine of this number; the last one is kept.

        Raises:
            InputError: If there is no such cine.
        """
        last = int(self.sequence[-1])
        require(0 <= number <= last, "number", f"a cine from 0 to {last}", number)
        if self._drawn is None or self._drawn[0] != number:
            self._drawn = number, self._draw(number)
        return self._drawn[1]

    def _draw(self, number: int) -> HeartCine:
        row, sequence = number * self._frames, number % self._sequences
        patient, view = int(self.patient[row]), int(self.view[row])
        return HeartCine(
            (self.seed, patient, view, sequence),
            MACHINES[self.machines[self.machine[row]]],
            frames=self._frames,
            scale=self._scale,
            graphics=self._graphics,
        )


def _require_machines(names: Iterable[str]) -> None:
    names = list(names)
    require(names, "machines", "at least one name", names)
    for name in names:
        require(name in MACHINES, "machines", f"names out of {', '.join(MACHINES)}", name)
