"""Images across simulated wrists and forearms with the median nerve outlined, from two machines.

Shaped like the study of Kim et al., Ultrasonography 2022: two hands a subject, each recorded once
at several levels; every subject was examined on one machine only.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from core.checks import require
from core.phantoms.bmode import Bytes, Floats
from core.phantoms.forearm import draw_forearm
from core.phantoms.hand import MOST_ASIDE_MM, Section, draw_hand
from core.phantoms.labels import Annotator
from core.phantoms.machines import MACHINES, Machine
from core.phantoms.motion import MOST_SHIFT_MM, Motion
from core.phantoms.organs import BASE_DB, FLUID_DB
from core.phantoms.pen import shrunk
from core.phantoms.sketch import STEP_MM, Maps, filled
from core.phantoms.speckle import scatterers
from core.phantoms.texture import draw_texture
from core.phantoms.wrist import draw_wrist

HANDS = ("left", "right")
_PERSON, _HAND, _IMAGE, _BIFID = range(4)  # random streams
_ANNOTATORS = {  # where the rim is faint, humans agree less
    "wrist": Annotator(size=0.02, dents=0.012, shift_mm=0.05),
    "forearm": Annotator(size=0.05, dents=0.03, shift_mm=0.12),
}


@dataclass(frozen=True)
class ArmFrame:
    """One image; both uint8 (rows, columns).

    Attributes:
        image: Grey levels.
        mask: 1 = median nerve.
    """

    image: Bytes
    mask: Bytes


@dataclass(frozen=True)
class View:
    """What one image shows.

    Attributes:
        machine: What it was recorded with.
        subject: Number of the subject among those of the machine.
        hand: "left" or "right".
        level_cm: Distance from the distal wrist crease, up the arm.
        bifid: Whether the nerve is of two masses.
    """

    machine: Machine
    subject: int
    hand: str
    level_cm: int
    bifid: bool

    @property
    def region(self) -> str:
        """Either "wrist" or "forearm"."""
        return "wrist" if self.level_cm in self.machine.wrist else "forearm"


class ArmScene:
    """A set of images across the arms of several subjects; `scene[i]` renders image i.

    An image depends on the seed and on what it shows, never on what was rendered before or on how
    many subjects there are.

    Args:
        subjects: Number of subjects of each machine, by its name.
        scale: Of the images' sides; at 1 they have the machine's own size.
        bifid: Share, 0 to 1, of the hands whose nerve is of two masses.
        seed: Of everything.

    Attributes:
        views: What each image shows.

    Raises:
        InputError: If an argument is out of range.
    """

    def __init__(
        self, *, subjects: Mapping[str, int], scale: float = 0.5, bifid: float = 0.05, seed: int = 0
    ) -> None:
        require(subjects, "subjects", "at least one machine")
        for name, count in subjects.items():
            require(name in MACHINES, "subjects", f"machines among {', '.join(MACHINES)}", name)
            require(count >= 1, "subjects", f"at least 1 for {name}", count)
        require(0.1 <= scale <= 1, "scale", "0.1 to 1", scale)
        require(0 <= bifid <= 1, "bifid", "a share from 0 to 1", bifid)
        require(seed >= 0, "seed", "0 or more", seed)
        self.scale, self.seed = scale, seed
        self.views = [
            view
            for name, count in subjects.items()
            for view in _views(MACHINES[name], count, bifid, seed)
        ]

    def __len__(self) -> int:
        return len(self.views)

    def __getitem__(self, index: int) -> ArmFrame:
        """Render the image of this index.

        Raises:
            InputError: If there is no such image.
        """
        require(0 <= index < len(self), "index", f"0 to {len(self) - 1}", index)
        return _Shot(self.views[index], self.scale, self.seed).frame()


class _Shot:
    """One image in the making."""

    def __init__(self, view: View, scale: float, seed: int) -> None:
        self.view = view
        self.size, self.spacing_mm = view.machine.grid(scale)
        machine, side = list(MACHINES).index(view.machine.name), HANDS.index(view.hand)
        level = view.machine.levels.index(view.level_cm)
        subject = (seed, machine, view.subject)
        self.key = (*subject, side, level)
        own = np.random.default_rng((_HAND, *subject, side))
        person = np.random.default_rng((_PERSON, *subject))
        self.hand = draw_hand(person, own, bifid=view.bifid)
        self.scanner = view.machine.scanner(own, self.spacing_mm)
        self.rng = np.random.default_rng((_IMAGE, *self.key))

    def frame(self) -> ArmFrame:
        draw = draw_wrist if self.view.region == "wrist" else draw_forearm
        reach = self.view.machine.width_mm / 2 + 2 * MOST_SHIFT_MM + MOST_ASIDE_MM
        section, place = draw(self.rng, self.hand, self.view.level_cm, reach), self._placer()
        annotator = _ANNOTATORS[self.view.region]
        drawn = [place(annotator.drawn(contour, self.rng)) for contour in section.contours]
        # OpenCV fills what an outline touches, half a pixel too much on each side
        mask = filled([shrunk(outline, 0.5) for outline in drawn], self.size)
        return ArmFrame(self._image(section, place), mask)

    def _image(self, section: Section, place: Callable[[Floats], Floats]) -> Bytes:
        maps, step_px = Maps(self.size, BASE_DB), STEP_MM / self.spacing_mm
        for layer in section.layers:
            sketch = layer.sketch()
            sketch.hide(maps, place)
            sketch.paint(maps, place, sweep_mm=0.0, step_px=step_px)
        tissue = maps.tissue(draw_texture(self.rng, self.size, self.spacing_mm))
        field, passed = scatterers(self.size, self.key), maps.passed(self.spacing_mm)
        return self.scanner.image(tissue, field, maps.reflectors(FLUID_DB), passed)

    def _placer(self) -> Callable[[Floats], Floats]:
        """Return the map from points in mm, (n, 2), to (column, row) in pixels."""
        phases = tuple(self.rng.uniform(0, 2 * math.pi, 5))
        motion = Motion(phases, mirrored=self.view.hand == "left")
        to_pixels = motion.place(0.0, self.size, self.spacing_mm)
        aside = np.array([self.hand.aside, 0], np.float32)
        return lambda points: to_pixels(points + aside)


def _views(machine: Machine, subjects: int, bifid: float, seed: int) -> list[View]:
    """List what is recorded of this many subjects: hand by hand, level by level."""
    number = list(MACHINES).index(machine.name)
    views = []
    for subject in range(subjects):
        split = np.random.default_rng((_BIFID, seed, number, subject)).uniform(size=2) < bifid
        for hand, parted in zip(HANDS, split.tolist(), strict=True):
            views += [View(machine, subject, hand, level, parted) for level in machine.levels]
    return views
