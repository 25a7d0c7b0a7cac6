"""B-mode images from maps of tissue: a depth-dependent pulse, envelope, log compression.

The linear model, echo = PSF * (echogenicity x scatterers + reflectors), is that of Bamber and
Dickinson, "Ultrasonic B-scanning: a computer simulation", Phys Med Biol 25:463 (1980).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from core.checks import require

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]
SPEED_MM_US = 1.54  # of sound in soft tissue
_BANDS = 8  # depth ranges of constant lateral width
_ONE = np.ones((1, 1), np.float32)

# glibc returns freed arrays of more than 128 KiB to the system at once, and the page faults of the
# next frame then cost more than its arithmetic; freeing one larger array raises that limit.
np.empty(1 << 20)


@dataclass(frozen=True, kw_only=True)
class Scanner:
    """A linear-array scanner: how sharp, how deep, and how it turns echoes into grey.

    Args:
        spacing_mm: Side of a (square) pixel.
        frequency_mhz: Centre frequency of the pulse.
        cycles: Length of the pulse, full width at half maximum, in periods.
        f_number: Focal depth over aperture; at the focus the beam is this many wavelengths wide.
        focus_mm: Depth of the focus; the beam widens away from it as a Gaussian beam does.
        focal_zone_mm: Distance from the focus at which the beam is wider by sqrt(2).
        noise_db: Electronic noise, which no attenuation weakens.
        residual_db_cm: Attenuation per cm, there and back, that the depth gain leaves over.
        dynamic_range_db: From black to white; white is 0 dB.
        gain_db: Added to every echo.
        gamma: Power of the grey map that follows the logarithm; 1 leaves grey linear in dB.
        smoothing_mm: Standard deviations, down and across, of the speckle reduction on the
            logarithm; zeros switch it off.
    """

    spacing_mm: float
    frequency_mhz: float = 10.0
    cycles: float = 1.5
    f_number: float = 2.5
    focus_mm: float = 14.0
    focal_zone_mm: float = 12.0
    noise_db: float = -75.0
    residual_db_cm: float = 0.0
    dynamic_range_db: float = 60.0
    gain_db: float = 0.0
    gamma: float = 1.0
    smoothing_mm: tuple[float, float] = (0.0, 0.0)

    def __post_init__(self) -> None:
        positive = ("spacing_mm", "frequency_mhz", "cycles", "f_number", "focal_zone_mm", "gamma")
        for name in (*positive, "dynamic_range_db"):
            require(getattr(self, name) > 0, name, "a positive number", getattr(self, name))
        require(min(self.smoothing_mm) >= 0, "smoothing_mm", "no negatives", self.smoothing_mm)

    @property
    def axial_sigma_px(self) -> float:
        """Standard deviation of the pulse's Gaussian envelope along depth, in pixels."""
        return _sigma(self.cycles * self._wavelength_mm / 2) / self.spacing_mm

    def lateral_sigma_px(self, depth_mm: float) -> float:
        """Standard deviation of the Gaussian beam across, in pixels, at a depth."""
        widening = math.hypot(1, (depth_mm - self.focus_mm) / self.focal_zone_mm)
        return _sigma(self.f_number * self._wavelength_mm) * widening / self.spacing_mm

    @property
    def _wavelength_mm(self) -> float:
        return SPEED_MM_US / self.frequency_mhz

    def image(
        self,
        tissue: Floats,
        field: Floats,
        reflectors: Floats | None = None,
        passed: Floats | None = None,
    ) -> Bytes:
        """Simulate the image of a piece of tissue; rows lie along depth.

        Args:
            tissue: Root-mean-square echo of the scatterers, linear, float32 (rows, columns).
            field: Scatterers in phase and in quadrature, of unit variance, float32
                (rows, 2, columns).
            reflectors: Coherent echo of smooth surfaces, linear, float32 (rows, columns).
            passed: What comes back from each place, see `transmission`; float32 (rows, columns).

        Returns:
            Uint8 (rows, columns).

        Raises:
            InputError: If the shape of the field does not fit the tissue.
        """
        return self.compress(self.power(self.echoes(tissue, field, reflectors, passed)))

    def echoes(
        self, tissue: Floats, field: Floats, reflectors: Floats | None, passed: Floats | None
    ) -> Floats:
        """Return the echo of each place in I and Q, float32 (rows, 2, columns); see `image`."""
        rows, columns = tissue.shape
        require(field.shape == (rows, 2, columns), "field", f"shape {(rows, 2, columns)}", field)
        through = amplitude(-self.residual_db_cm * np.arange(rows)[:, None] * self.spacing_mm / 10)
        if passed is not None:
            through = through * passed
        # noise is as random as the scatterers, so the powers add before both are drawn as one
        noise = np.full_like(tissue, amplitude(self.noise_db))
        scale = cv2.magnitude(tissue * through, noise)
        scale *= np.float32(math.sqrt(0.5))  # I and Q carry half the power each
        echoes: Floats = field * scale[:, None]
        if reflectors is not None:
            echoes[:, 0] += reflectors * through
        return echoes

    def power(self, echoes: Floats) -> Floats:
        """Blur echoes (rows, 2, columns) with the point-spread function and detect their power."""
        rows, _, columns = echoes.shape
        beams = np.empty_like(echoes)
        edges = np.linspace(0, rows, min(_BANDS, rows) + 1).astype(int)
        for top, bottom in pairwise(edges):
            kernel = _kernel(self.lateral_sigma_px((top + bottom) / 2 * self.spacing_mm))
            band = echoes[top:bottom].reshape(-1, columns)
            cv2.filter2D(band, -1, kernel.T, dst=beams[top:bottom].reshape(-1, columns))
        signal = cv2.sepFilter2D(beams.reshape(rows, -1), -1, _ONE, _kernel(self.axial_sigma_px))
        power = np.zeros((rows, columns), np.float32)
        cv2.accumulateSquare(signal[:, :columns], power)
        return np.asarray(cv2.accumulateSquare(signal[:, columns:], power))

    def compress(self, power: Floats) -> Bytes:
        """Turn power into grey: 1 (0 dB) is white, minus the dynamic range is black."""
        logarithm = cv2.log(power)
        down, across = (width / self.spacing_mm for width in self.smoothing_mm)
        if down and across:
            size = 2 * math.ceil(2 * across) + 1, 2 * math.ceil(2 * down) + 1
            logarithm = cv2.GaussianBlur(logarithm, size, across, sigmaY=down)
        step = 255 / self.dynamic_range_db
        grey = cv2.addWeighted(
            *(logarithm, 10 / math.log(10) * step, logarithm, 0, 255 + self.gain_db * step),
            dtype=cv2.CV_8U,  # saturates
        )
        return np.asarray(cv2.LUT(grey, _grey_map(self.gamma)))


def transmission(attenuation_db_mm: Floats, row_mm: float) -> Floats:
    """Return what comes back through the tissue above: less than 1 in a shadow.

    Args:
        attenuation_db_mm: One way, beyond what the depth gain makes up for; negative in fluid,
            behind which echoes are enhanced. Float32 (rows, columns).
        row_mm: Height of a row.

    Returns:
        Linear amplitude, float32 (rows, columns); 1 where nothing lies above.
    """
    above = np.cumsum(attenuation_db_mm, axis=0) - attenuation_db_mm
    return amplitude(-2 * row_mm * above)


def amplitude(level_db: npt.ArrayLike) -> Floats:
    """Linear amplitude of levels in dB."""
    nepers = np.asarray(level_db, np.float32) * np.float32(math.log(10) / 20)
    return np.asarray(np.exp(nepers), np.float32)


def _sigma(width: float) -> float:
    """Standard deviation of the Gaussian with this full width at half maximum."""
    return width / math.sqrt(8 * math.log(2))


@lru_cache(maxsize=64)
def _grey_map(gamma: float) -> Bytes:
    return np.rint(255 * (np.arange(256) / 255) ** gamma).astype(np.uint8)


@lru_cache(maxsize=4096)
def _kernel(sigma: float) -> Floats:
    """Column (n, 1) of a Gaussian of unit energy: speckle keeps its power whatever its size."""
    reach = max(1, math.ceil(2.7 * sigma))
    samples = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    return np.asarray(samples[:, None] / math.sqrt(samples @ samples), np.float32)
