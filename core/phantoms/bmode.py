"""B-mode images from maps of tissue: convolution with a depth-dependent pulse, envelope, log.

The linear model I/Q = PSF * (echogenicity x scatterers + reflectors) is that of Bamber and Dickinson,
"Ultrasonic B-scanning: a computer simulation", Phys Med Biol 25:463 (1980).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from core.checks import require

Floats = npt.NDArray[np.float32]
SPEED_MM_US = 1.54  # of sound in soft tissue
_BANDS = 8  # depth ranges of constant lateral width


@dataclass(frozen=True, kw_only=True)
class Scanner:
    """A linear-array scanner: how sharp, how deep, and how it turns echoes into grey.

    Args:
        spacing_mm: Side of a (square) pixel.
        frequency_mhz: Centre frequency of the pulse.
        cycles: Length of the pulse (full width at half maximum) in periods.
        f_number: Focal depth over aperture; the lateral width at the focus is f_number wavelengths.
        focus_mm: Depth of the focus; the beam widens away from it as a Gaussian beam does.
        focal_zone_mm: Distance from the focus at which the beam is wider by sqrt(2).
        looks: Independent speckle patterns averaged in power (spatial compounding).
        dynamic_range_db: From black to white.
        gain_db: Added to every echo; 0 dB on the echogenicity scale then shows as white.
        noise_db: Electronic noise before the gain that follows depth.
        residual_db_cm: Attenuation per cm (there and back) left over by the gain that follows depth.
    """

    spacing_mm: float
    frequency_mhz: float = 10.0
    cycles: float = 1.5
    f_number: float = 1.8
    focus_mm: float = 14.0
    focal_zone_mm: float = 12.0
    looks: int = 1
    dynamic_range_db: float = 60.0
    gain_db: float = 0.0
    noise_db: float = -75.0
    residual_db_cm: float = 0.0
    gamma: float = 2.0
    smoothing_mm: tuple[float, float] = (0.1, 0.35)

    def __post_init__(self) -> None:
        for name in ("spacing_mm", "frequency_mhz", "cycles", "f_number", "focal_zone_mm",
                     "looks", "dynamic_range_db"):  # fmt: skip
            require(getattr(self, name) > 0, name, "a positive number", getattr(self, name))

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

    def envelope(self, field: Floats) -> Floats:
        """Blur a field of echoes with the point-spread function and detect its envelope.

        Args:
            field: Float32 (rows, 2 x looks, columns): I and Q of every look. Rows lie along depth.

        Returns:
            Float32 (rows, columns): root of the mean power over looks.
        """
        rows, planes, columns = field.shape
        lines = np.empty((rows * planes, columns), np.float32)
        edges = np.linspace(0, rows, _BANDS + 1).astype(int)
        for top, bottom in zip(edges[:-1], edges[1:], strict=True):
            if top < bottom:
                kernel = _kernel(self.lateral_sigma_px((top + bottom) / 2 * self.spacing_mm))
                band = field[top:bottom].reshape(-1, columns)
                lines[top * planes : bottom * planes] = cv2.sepFilter2D(band, -1, kernel, _ONE)
        echoes = cv2.sepFilter2D(
            lines.reshape(rows, -1), -1, _ONE, _kernel(self.axial_sigma_px)
        ).reshape(field.shape)
        power = np.zeros((rows, columns), np.float32)
        for plane in range(planes):
            cv2.accumulateSquare(echoes[:, plane], power)
        return np.sqrt(power / np.float32(self.looks))

    def compress(self, envelope: Floats) -> npt.NDArray[np.uint8]:
        """Turn an envelope into grey: 1 (0 dB) is white, minus the dynamic range is black."""
        step = 255 / self.dynamic_range_db
        logarithm = cv2.log(np.maximum(envelope, np.float32(1e-9)))
        grey = cv2.addWeighted(
            logarithm, 20 / math.log(10) * step, logarithm, 0, 255 + self.gain_db * step,
            dtype=cv2.CV_8U,
        )  # fmt: skip
        sy, sx = (s / self.spacing_mm for s in self.smoothing_mm)
        grey = cv2.GaussianBlur(grey, (0, 0), sx, sigmaY=sy)
        return cv2.LUT(grey, (255 * (np.arange(256) / 255) ** self.gamma + .5).astype(np.uint8))

    def image(
        self, tissue: Floats, field: Floats, reflectors: Floats | None = None,
        passed: Floats | None = None,
    ) -> npt.NDArray[np.uint8]:  # fmt: skip
        """Simulate the image of a piece of tissue.

        Args:
            tissue: Float32 (rows, columns): root-mean-square echo of the scatterers, linear.
            field: Scatterers of unit variance, float32 (rows, 2 x looks, columns).
            reflectors: Coherent echo of smooth surfaces, float32 (rows, columns), linear.
            passed: What comes back from each place, see `transmission`; float32 (rows, columns).

        Returns:
            Uint8 (rows, columns).

        Raises:
            InputError: If the shapes do not fit each other.
        """
        rows, columns = tissue.shape
        planes = 2 * self.looks
        require(field.shape == (rows, planes, columns), "field", f"{(rows, planes, columns)}", field)
        depth_cm = np.arange(rows)[:, None] * self.spacing_mm / 10
        loss = amplitude(-self.residual_db_cm * depth_cm)
        through = loss if passed is None else passed * loss
        noise = np.full_like(tissue, amplitude(self.noise_db))
        # each of I and Q carries half the power
        echoes = field * (cv2.magnitude(tissue * through, noise) * np.float32(math.sqrt(0.5)))[:, None]
        if reflectors is not None:
            echoes[:, ::2] += (reflectors * through)[:, None]
        return self.compress(self.envelope(echoes))


def transmission(attenuation_db_mm: Floats, spacing_mm: float) -> Floats:
    """Return the amplitude that comes back through what lies above: shadows and enhancement.

    Args:
        attenuation_db_mm: Float32 (rows, columns), one way, above (shadow) or below (enhancement)
            what the gain that follows depth makes up for.
        spacing_mm: Height of a row.

    Returns:
        Float32 (rows, columns), linear; 1 where nothing lies above.
    """
    above = np.cumsum(attenuation_db_mm, axis=0) - attenuation_db_mm
    return amplitude(-2 * spacing_mm * above)


def amplitude(level: float | Floats) -> Floats:
    """Amplitude of a level in dB."""
    return np.exp(np.asarray(level, np.float32) * np.float32(math.log(10) / 20))


def _sigma(width: float) -> float:
    """Standard deviation of a Gaussian of this full width at half maximum."""
    return width / math.sqrt(8 * math.log(2))


def _kernel(sigma: float) -> Floats:
    """Sample a Gaussian at unit energy, so that speckle keeps its power whatever its size."""
    reach = max(1, math.ceil(3 * sigma))
    samples = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    return (samples / math.sqrt(float((samples**2).sum()))).astype(np.float32)


_ONE = np.ones(1, np.float32)
