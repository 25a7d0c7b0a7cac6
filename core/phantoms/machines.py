"""Two ultrasound machines: the grid of their images, what they record, how they turn echoes grey.

Sizes and levels are those of Kim et al., "Scale-attentional U-Net for the segmentation of the
median nerve in ultrasound images", Ultrasonography 2022; depths and settings are plausible ones.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.phantoms.bmode import Scanner

Span = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Machine:
    """A machine as it is set up for one study; settings vary between hands, within spans.

    Attributes:
        name: As it stands in tables.
        size: Rows and columns of an image at scale 1.
        depth_mm: Depth of an image.
        wrist: Levels around the wrist, cm proximal to the distal wrist crease.
        forearm: Levels on the forearm.
        frequency_mhz: See `Scanner`, here and below.
        cycles: Length of the pulse.
        f_number: Focal depth over aperture.
        noise_db: Span of the electronic noise.
        residual_db_cm: Span of the attenuation left over.
        dynamic_range_db: Span from black to white.
        gain_db: Span of the gain.
        gamma: Power of the grey map.
        smoothing_mm: Speckle reduction, down and across.
    """

    name: str
    size: tuple[int, int]
    depth_mm: float
    wrist: tuple[int, ...]
    forearm: tuple[int, ...]
    frequency_mhz: float
    cycles: float
    f_number: float
    noise_db: Span
    residual_db_cm: Span
    dynamic_range_db: Span
    gain_db: Span
    gamma: float
    smoothing_mm: tuple[float, float]

    @property
    def levels(self) -> tuple[int, ...]:
        """All levels that are recorded of a hand, in cm."""
        return self.wrist + self.forearm

    @property
    def width_mm(self) -> float:
        """Width of an image; pixels are square."""
        return self.depth_mm * self.size[1] / self.size[0]

    def grid(self, scale: float) -> tuple[tuple[int, int], float]:
        """Return rows and columns at this scale, and the side of a pixel in mm."""
        rows, columns = (round(side * scale) for side in self.size)
        return (rows, columns), self.depth_mm / rows

    def scanner(self, rng: np.random.Generator, spacing_mm: float) -> Scanner:
        """Draw the settings that one hand is scanned with."""
        return Scanner(
            spacing_mm=spacing_mm,
            frequency_mhz=self.frequency_mhz,
            cycles=self.cycles,
            f_number=self.f_number,
            focus_mm=rng.uniform(7, 15),
            noise_db=rng.uniform(*self.noise_db),
            residual_db_cm=rng.uniform(*self.residual_db_cm),
            dynamic_range_db=rng.uniform(*self.dynamic_range_db),
            gain_db=rng.uniform(*self.gain_db),
            gamma=self.gamma,
            smoothing_mm=self.smoothing_mm,
        )


_HM70A = Machine(
    name="HM70A",
    size=(442, 565),
    depth_mm=27.0,
    wrist=(-1, 0, 1, 2),
    forearm=(10,),
    frequency_mhz=11.0,
    cycles=1.5,
    f_number=2.2,
    noise_db=(-76, -66),
    residual_db_cm=(2, 7),
    dynamic_range_db=(70, 80),
    gain_db=(6, 13),
    gamma=1.8,
    smoothing_mm=(0.07, 0.16),
)
_MINISONO = Machine(
    name="miniSONO",
    size=(576, 864),
    depth_mm=25.0,
    wrist=(-1, 0, 1, 2, 3),
    forearm=(9, 10, 11),
    frequency_mhz=8.5,
    cycles=2.0,
    f_number=2.9,
    noise_db=(-66, -58),
    residual_db_cm=(3, 8),
    dynamic_range_db=(64, 72),
    gain_db=(0, 6),
    gamma=1.3,
    smoothing_mm=(0.0, 0.0),
)
MACHINES = {machine.name: machine for machine in (_HM70A, _MINISONO)}
