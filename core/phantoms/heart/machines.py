"""Three made-up cardiac ultrasound machines: their screens and how they turn echoes grey."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

from core.phantoms.bmode import SPEED_MM_US, Scanner

Colour = tuple[int, int, int]


@dataclass(frozen=True, kw_only=True)
class HeartMachine:
    """A machine with its phased-array probe and its screen; places in pixels at scale 1.

    Attributes:
        name: As it stands in tables.
        maker: Manufacturer.
        model: Manufacturer's model name.
        size: Rows and columns of the screen.
        apex: Column and row in which the beams meet.
        radius: Length of a beam.
        half_deg: Angle between the middle beam and the outermost ones.
        beams: Number of them.
        beam_deg: Width of a beam, full width at half maximum.
        frequency_mhz: Centre frequency of the pulse.
        cycles: Length of the pulse, in periods.
        dynamic_range_db: From black to white.
        gain_db: Added to every echo.
        noise_db: Electronic noise.
        gamma: Power of the grey map.
        smoothing: Speckle reduction, standard deviations in samples along and across the beams.
        fps: Frames a second.
        accent: Colour of marks and captions.
        ecg_rows: First and last row of the ECG's strip.
        header_rows: Height of the strip at the top that names the patient.
    """

    name: str
    maker: str
    model: str
    size: tuple[int, int]
    apex: tuple[int, int]
    radius: int
    half_deg: float
    beams: int
    beam_deg: float
    frequency_mhz: float
    cycles: float
    dynamic_range_db: float
    gain_db: float
    noise_db: float
    gamma: float
    smoothing: tuple[float, float]
    fps: float
    accent: Colour
    ecg_rows: tuple[int, int]
    header_rows: int

    @cached_property
    def region(self) -> tuple[int, int, int, int]:
        """First column, first row, last column and last row of the box around the sector."""
        half = self.radius * math.sin(math.radians(self.half_deg))
        (x, y), margin = self.apex, 2
        bottom = y + self.radius + margin
        return round(x - half - margin), y - margin, round(x + half + margin), bottom

    def scanner(self, sample_mm: float, beams: int, gain_db: float) -> Scanner:
        """Return what turns the echoes along beams into grey.

        Args:
            sample_mm: Distance of the samples along a beam.
            beams: Their number in the sector.
            gain_db: Added to the machine's own.
        """
        # columns are beams, so the width across is an angle: as many columns at any depth
        columns = max(self.beam_deg / (2 * self.half_deg / beams), 1.3)
        wavelength_mm = SPEED_MM_US / self.frequency_mhz
        along, across = (width * sample_mm for width in self.smoothing)
        return Scanner(
            spacing_mm=sample_mm,
            frequency_mhz=self.frequency_mhz,
            cycles=max(self.cycles, 2.2 * sample_mm / wavelength_mm),
            f_number=columns * sample_mm / wavelength_mm,
            focal_zone_mm=1e6,
            dynamic_range_db=self.dynamic_range_db,
            gain_db=self.gain_db + gain_db,
            gamma=self.gamma,
            smoothing_mm=(along, across),
        )


_E7 = HeartMachine(
    name="E7",
    maker="Sonolab Phantom",
    model="E7",
    size=(600, 800),
    apex=(400, 56),
    radius=490,
    half_deg=43.0,
    beams=224,
    beam_deg=1.7,
    frequency_mhz=2.6,
    cycles=1.8,
    dynamic_range_db=58,
    gain_db=2,
    noise_db=-62,
    gamma=1.15,
    smoothing=(0.9, 0.7),
    fps=50.0,
    accent=(80, 170, 255),
    ecg_rows=(552, 596),
    header_rows=46,
)
_I33 = HeartMachine(
    name="I33",
    maker="Sonolab Phantom",
    model="I33",
    size=(768, 1024),
    apex=(500, 88),
    radius=590,
    half_deg=45.0,
    beams=256,
    beam_deg=2.0,
    frequency_mhz=2.2,
    cycles=2.0,
    dynamic_range_db=52,
    gain_db=0,
    noise_db=-60,
    gamma=1.0,
    smoothing=(0.0, 0.0),
    fps=40.0,
    accent=(255, 170, 60),
    ecg_rows=(688, 752),
    header_rows=78,
)
_S2000 = HeartMachine(
    name="S2000",
    maker="Sonolab Phantom",
    model="S2000",
    size=(480, 640),
    apex=(335, 44),
    radius=412,
    half_deg=38.0,
    beams=192,
    beam_deg=2.2,
    frequency_mhz=2.4,
    cycles=2.2,
    dynamic_range_db=64,
    gain_db=3,
    noise_db=-57,
    gamma=1.35,
    smoothing=(0.8, 0.6),
    fps=30.0,
    accent=(90, 230, 150),
    ecg_rows=(424, 472),
    header_rows=36,
)
MACHINES = {machine.name: machine for machine in (_E7, _I33, _S2000)}
